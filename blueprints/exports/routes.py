"""The files that a person asked for: how far they are, and the files."""

from collections.abc import Iterator

from flask import Response, current_app, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from blueprints.lists.formats import MEDIA_TYPES, Format
from blueprints.nouns import exports as bp
from core.access import Actor, get_actor, policy_of, signed_in
from core.database import forget_reads
from core.errors import NotFound
from domain.exports import UNDERWAY
from models.exports import Export
from queries.exports import get_file, may_still_read, own_exports, parts_of

REFRESH_S = "3"


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    """The own files, newest first; it comes again by itself while one is being made."""
    actor = get_actor()
    files = [one for one in own_exports(actor) if _may_have(actor, one)]
    is_underway = any(one.state in UNDERWAY for one in files)
    page = render_template("exports/index.html", files=files, is_underway=is_underway)
    return page, {"Refresh": REFRESH_S} if is_underway else {}


@bp.get("/<code>/file")
@signed_in
def file(code: str) -> ResponseReturnValue:
    """A file that is made, for who asked for it and may still read its list."""
    actor = get_actor()
    export = get_file(actor, code)
    if not _may_have(actor, export):
        raise NotFound()
    body = stream_with_context(_sent(export.id))
    answer = Response(body, mimetype=MEDIA_TYPES[Format(export.kind)])
    answer.headers.set("Content-Disposition", "attachment", filename=export.file_name)
    answer.content_length = export.size
    answer.cache_control.no_store = True
    return answer


def _may_have(actor: Actor, export: Export) -> bool:
    """Whether the list's policy still admits, and each role still held."""
    view = current_app.view_functions.get(export.endpoint)
    policy = policy_of(view) if view else None
    is_let_in = policy is not None and policy.admits(actor)
    return is_let_in and may_still_read(actor, export)


def _sent(export_id: int) -> Iterator[bytes]:
    """Piece by piece; a reader who is slow holds no connection meanwhile."""
    for body in parts_of(export_id):
        forget_reads()
        yield body
