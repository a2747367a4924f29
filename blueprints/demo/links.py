"""Texts whose own addresses can be tapped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

ADDRESS = r"[A-Za-z0-9/_.~%?&=+#:@!$*-]*[A-Za-z0-9/_=-]"


@dataclass(frozen=True)
class Piece:
    """Part of a text; `href` is a path of ours, or empty for plain words."""

    text: str
    href: str = ""


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
