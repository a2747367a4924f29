"""The demo's inbox: text messages that would have left the house, links and all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.nouns import demo as bp
from core.access import public
from core.config import current_settings
from core.errors import NotFound
from core.pages.paging import page_number
from queries.outbox import sent_messages

ADDRESS = r"[A-Za-z0-9/_.~%?&=+#:@!$*-]*[A-Za-z0-9/_=-]"
LONGEST_RECIPIENT = 120


@dataclass(frozen=True)
class Piece:
    """Part of a text; `href` is a path of ours, or empty for plain words."""

    text: str
    href: str = ""


@bp.get("/messages")
@public
def messages() -> ResponseReturnValue:
    """The newest messages, of everyone or to one phone."""
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


def linked(body: str, public_url: str) -> Iterator[Piece]:
    """Cut `body` into plain words and links to our own pages.

    A link keeps its path only, so that it opens whatever name the house is called
    by; addresses of others stay plain words.
    """
    ours = re.compile(rf"{re.escape(public_url)}(/{ADDRESS})")
    end = 0
    for found in ours.finditer(body):
        if found.start() > end:
            yield Piece(body[end : found.start()])
        path = found[1]
        yield Piece(found[0], path if not path.startswith("//") else "")
        end = found.end()
    if end < len(body):
        yield Piece(body[end:])
