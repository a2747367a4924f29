"""Files of many rows: asked for here, made by a worker (decisions/0019)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore
from urllib.parse import urlencode

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.lists.formats import Format
from core.access import get_actor
from core.database import transaction
from core.i18n import page_language
from services import exports
from services.exports import MAKING, Making, Wanted

AT_ONCE: Mapping[Format, int] = {
    Format.CSV: 10_000,
    Format.XLSX: 1_000,
    Format.PDF: 25,
}
"""Rows up to which a file comes at once: about a second of a web process's time."""

MOST_ROWS = 50_000
MOST_IN_JSON = 10_000
"""JSON comes at once however long, to programs, which can ask for fewer days."""

PRINTERS = BoundedSemaphore(2)
"""A PDF takes 200 MB while it is laid out: beside two, a web process starts none."""


@contextmanager
def at_once(kind: Format, rows: int) -> Iterator[bool]:
    """Whether a file is made in this request; if it is not, a worker makes it."""
    if rows > AT_ONCE[kind]:
        yield False
    elif kind is not Format.PDF:
        yield True
    elif PRINTERS.acquire(blocking=False):
        try:
            yield True
        finally:
            PRINTERS.release()
    else:
        yield False


def most_rows(kind: Format) -> int:
    """How many rows a file holds at most."""
    return MOST_IN_JSON if kind is Format.JSON else MOST_ROWS


def find_making() -> Making | None:
    """What this request writes for a worker; None when it is a browser's."""
    making: Making | None = request.environ.get(MAKING)
    return making


def have_made(
    kind: Format, title: str, about: str, rows: int | None
) -> ResponseReturnValue:
    """Have the file at this address made, and lead to where it will be.

    Raises TooManyExports.
    """
    asked = [one for one in request.args.items(multi=True) if one[0] != "page"]
    wanted = Wanted(
        endpoint=request.endpoint or "",
        address=f"{request.path}?{urlencode(asked)}",
        kind=kind,
        language=page_language(),
        title=title,
        about=about,
        rows=rows or 0,
    )
    with transaction():
        exports.ask_for(get_actor(), wanted)
    return redirect(url_for("exports.index"), 303)
