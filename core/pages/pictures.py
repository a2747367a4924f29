"""Pictures: a product's photo or drawing, a person's drawing, QR codes."""

from dataclasses import dataclass
from functools import lru_cache

import segno
from flask import Flask
from markupsafe import Markup

from core.web.addresses import static

TONES = {
    "ginger": "ginger",
    "garlic": "tuber",
    "scallion": "leaf",
    "pepper": "haw",
    "hawthorn": "haw",
    "sweetpotato": "tuber",
    "pork": "soil",
    "millet": "ginger",
}

PORTRAITS = 6
MOST_CODES = 1024
"""Of 2 KB each: drawing one takes 5 ms, a third of a product page."""


@dataclass(frozen=True)
class Picture:
    """Where a picture lies, the field colour behind it, and whether it fills it."""

    url: str
    tone: str
    is_photo: bool


def picture(cover: str, category: str, width: int = 480) -> Picture:
    """The picture of a product; `cover` is a photo's key, empty without a photo."""
    tone = TONES.get(category, "ginger")
    if cover:
        return Picture(f"/photos/{cover}-{width}.webp", tone, is_photo=True)
    drawing = category if category in TONES else "giftbox"
    return Picture(static(f"img/{drawing}.svg"), tone, is_photo=False)


def portrait(account_id: int) -> str:
    """The drawing that stands for a person: always the same one, nobody's likeness."""
    return static(f"img/portrait-{account_id % PORTRAITS}.svg")


def scene(account_id: int) -> str:
    """The drawing of a live room whose host has no picture of the field yet."""
    return static(f"img/scene-{account_id % PORTRAITS}.svg")


def room_scene(account_id: int) -> str:
    """The same host in the same field, as high as a phone: the room's own picture."""
    return static(f"img/room-{account_id % PORTRAITS}.svg")


def init_pictures(app: Flask) -> None:
    """Let templates call `picture`, `portrait` and the scenes."""
    app.add_template_global(picture)
    app.add_template_global(portrait)
    app.add_template_global(scene)
    app.add_template_global(room_scene)


@lru_cache(MOST_CODES)
def qr_svg(text: str) -> Markup:
    """An inline SVG of `text`; it fills its box and carries no style."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=2, omitsize=True, svgclass="qr-svg", lineclass=None)
    return Markup(svg)  # noqa: S704 - drawn by segno from modules, never from text
