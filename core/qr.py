"""QR codes, drawn as SVG inside the page."""

import segno
from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """An inline SVG of `text`; it fills its box and carries no style."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=2, omitsize=True, svgclass="qr-svg", lineclass=None)
    return Markup(svg)  # noqa: S704 - drawn by segno from modules, never from text
