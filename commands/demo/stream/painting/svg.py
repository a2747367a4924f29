"""Draws the little of SVG that the shop's drawings use, by Pillow alone.

Paths, circles, ellipses and rectangles, filled or stroked, in groups, with gradients
that fit what they fill. A browser shows the same: look there first.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, parse

from PIL import Image, ImageColor, ImageDraw

from commands.demo.stream.painting.strokes import (
    Point,
    Shift,
    dashes,
    ellipse,
    read_outline,
    read_shift,
)

FINER = 3
"""How many times larger things are drawn than shown, for smooth edges."""

Stop = tuple[float, tuple[int, int, int]]
Box = tuple[int, int, int, int]
NAMES = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-dasharray")


@cache
def sprite(path: Path, scale: float) -> Image.Image:
    """An SVG file as RGBA, `scale` pixels to one of its units. Do not draw on it."""
    root = parse(path).getroot()  # noqa: S314 - our own files
    left, top, width, height = (float(each) for each in root.attrib["viewBox"].split())
    size = round(width * scale), round(height * scale)
    sheet = _Sheet(root, (size[0] * FINER, size[1] * FINER))
    finer = scale * FINER
    sheet.draw(root, Shift(finer, 0, 0, finer, -left * finer, -top * finer), {}, 1)
    return sheet.image.reduce(FINER)


class _Sheet:
    def __init__(self, root: Element, size: tuple[int, int]) -> None:
        self.image = Image.new("RGBA", size, (0, 0, 0, 0))
        self._gradients = {
            each.attrib["id"]: each
            for each in root.iter()
            if _kind(each) in ("linearGradient", "radialGradient")
        }

    def draw(
        self, node: Element, shift: Shift, style: Mapping[str, str], alpha: float
    ) -> None:
        """Draw a node and what is in it."""
        shift = shift.then(read_shift(node.get("transform", "")))
        style = {**style, **{n: node.attrib[n] for n in NAMES if n in node.attrib}}
        alpha *= float(node.get("opacity", 1))
        if _kind(node) == "defs":
            return
        lines = [[shift.at(point) for point in line] for line in _lines(node)]
        if lines:
            self._fill(lines, style.get("fill", "#000"), alpha)
            self._stroke(lines, style, shift.size, alpha)
        for child in node:
            self.draw(child, shift, style, alpha)

    def _fill(self, lines: list[list[Point]], paint: str, alpha: float) -> None:
        if paint == "none":
            return
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        for line in lines:
            if len(line) > 2:
                pen.polygon(line, fill=round(255 * alpha))
        self._lay(mask, paint)

    def _stroke(
        self,
        lines: list[list[Point]],
        style: Mapping[str, str],
        size: float,
        alpha: float,
    ) -> None:
        paint = style.get("stroke", "none")
        if paint == "none":
            return
        pattern = [float(n) * size for n in style.get("stroke-dasharray", "").split()]
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        for line in lines:
            for piece in dashes(line, pattern) if pattern else [line]:
                _trace(pen, piece, style, size, round(255 * alpha))
        self._lay(mask, paint)

    def _lay(self, mask: Image.Image, paint: str) -> None:
        box = mask.getbbox()
        if box is None:
            return
        mask = mask.crop(box)
        colours = self._painted(paint, box)
        colours.putalpha(mask)
        self.image.alpha_composite(colours, box[:2])

    def _painted(self, paint: str, box: Box) -> Image.Image:
        size = box[2] - box[0], box[3] - box[1]
        if paint.startswith("url(#"):
            return shaded(self._gradients[paint[5:-1]], size)
        return Image.new("RGB", size, paint)


def shaded(gradient: Element, size: tuple[int, int]) -> Image.Image:
    """A gradient over a box of that size."""
    width, height = size
    if _kind(gradient) == "radialGradient":
        cx, cy, r = (float(gradient.get(n, ".5")) for n in ("cx", "cy", "r"))
        across, down = 127 / r / width, 127 / r / height
        map_: tuple[float, ...] = (
            across,
            0.0,
            128 - cx / r * 127,
            0,
            down,
            128 - cy / r * 127,
        )
        ground = radial()
    else:
        x1, y1, x2, y2 = (
            float(gradient.get(n, d))
            for n, d in zip(("x1", "y1", "x2", "y2"), "0010", strict=True)
        )
        dx, dy = x2 - x1, y2 - y1
        unit = 254 / (dx * dx + dy * dy)
        start = -(x1 * dx + y1 * dy) * unit + 0.5
        map_ = (0, 0, 128, dx * unit / width, dy * unit / height, start)
        ground = Image.linear_gradient("L")
    way = ground.transform(
        size, Image.Transform.AFFINE, map_, Image.Resampling.BILINEAR, fillcolor=255
    )
    return coloured(way, [_stop(each) for each in gradient])


@cache
def radial() -> Image.Image:
    """Grey from 0 in the middle to 255 at the sides; Pillow's reaches it in corners."""
    steps = [min(255, round(value * 2**0.5)) for value in range(256)]
    return Image.radial_gradient("L").point(steps)


def coloured(way: Image.Image, stops: list[Stop]) -> Image.Image:
    """Grey 0 … 255 as the colours between stops at 0 … 1."""
    tables = [
        [_between(stops, at / 255, band) for at in range(256)] for band in (0, 1, 2)
    ]
    return Image.merge("RGB", [way.point(table) for table in tables])


def _between(stops: list[Stop], at: float, band: int) -> int:
    below = max((s for s in stops if s[0] <= at), key=lambda s: s[0], default=stops[0])
    above = min((s for s in stops if s[0] >= at), key=lambda s: s[0], default=stops[-1])
    span = above[0] - below[0]
    part = (at - below[0]) / span if span else 0
    return round(below[1][band] + (above[1][band] - below[1][band]) * part)


def _stop(node: Element) -> Stop:
    red, green, blue = ImageColor.getrgb(node.attrib["stop-color"])[:3]
    return float(node.get("offset", 0)), (red, green, blue)


def _trace(
    pen: ImageDraw.ImageDraw,
    line: list[Point],
    style: Mapping[str, str],
    size: float,
    ink: int,
) -> None:
    width = float(style.get("stroke-width", 1)) * size
    pen.line(line, fill=ink, width=max(1, round(width)), joint="curve")
    if style.get("stroke-linecap") == "round":
        for x, y in (line[0], line[-1]):
            pen.ellipse(
                (x - width / 2, y - width / 2, x + width / 2, y + width / 2), ink
            )


def _lines(node: Element) -> Iterator[list[Point]]:
    def number(name: str, default: str = "0") -> float:
        return float(node.get(name, default))

    match _kind(node):
        case "path":
            yield from read_outline(node.attrib["d"])
        case "circle":
            yield ellipse(number("cx"), number("cy"), number("r"), number("r"))
        case "ellipse":
            yield ellipse(number("cx"), number("cy"), number("rx"), number("ry"))
        case "rect":
            x, y, w, h = (number(name) for name in ("x", "y", "width", "height"))
            yield [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def _kind(node: Element) -> str:
    return node.tag.rpartition("}")[2]
