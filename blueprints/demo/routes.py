"""The demo's inbox: the text messages and mails that would have left the house."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.demo.links import linked
from blueprints.nouns import demo as bp
from core.access import public
from core.config import current_settings
from core.errors import NotFound
from core.pages.paging import page_number
from queries.outbox import sent_messages

LONGEST_RECIPIENT = 120


@bp.get("/messages")
@public
def messages() -> ResponseReturnValue:
    """The newest messages, of everyone or to one phone or address."""
    settings = current_settings()
    if not settings.demo:
        raise NotFound()
    recipient = request.args.get("to", "").replace("\0", "").strip()
    return render_template(
        "demo/messages.html",
        messages=sent_messages(
            recipient[:LONGEST_RECIPIENT], page_number(request.args.get("page"))
        ),
        recipient=recipient[:LONGEST_RECIPIENT],
        linked=lambda body: linked(body, settings.public_url),
    )
