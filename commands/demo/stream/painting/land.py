"""What stands still: sky, mountains, terraces, in the colours of static/img/room-0.svg.

Lengths are pixels of a picture 540 wide and 960 high. What is drawn by pen is drawn
FINE times larger and shrunk, for smooth edges; drawings from files come smooth.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import pi, sin
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw

from commands.demo.stream.painting.strokes import Point, dashes
from commands.demo.stream.painting.svg import coloured, radial, sprite

WIDTH, HEIGHT = 540, 960
FINE = 2
ART = Path(__file__).parent / "art"
SKY = ((0.0, "#f3c592"), (0.2, "#fbe0b8"), (0.42, "#fff3dc"))
SUN, SUN_RADIUS = (146.0, 208.0), 54.0
FAR_RIDGE = (262, 280, 302, 312, 304, 298, 262, 232, 284, 224, 246, 192, 256, 230, 274)
NEAR_RIDGE = (326, 316, 306, 324, 298, 320, 290, 316, 276, 316, 290)


@dataclass(frozen=True)
class Terrace:
    """A strip of the hillside; its upper edge is a wave about `top`.

    crop: colours of what grows on it, dark and bright; tall: of its stalks.
    """

    top: float
    wave: float
    phase: float
    soil: str
    crop: tuple[str, str]
    tall: float

    def edge(self, x: float) -> float:
        """Height of the upper edge."""
        return self.top + self.wave * sin(x / WIDTH * 4 * pi + self.phase)


TERRACES = (
    Terrace(352, 16, 0.0, "#5a8f58", ("#4d8350", "#79ad68"), 7),
    Terrace(404, 15, pi, "#86ad57", ("#74a04c", "#a9cb74"), 9),
    Terrace(462, 14, 0.4, "#cdb650", ("#b89c3c", "#ecd988"), 12),
    Terrace(528, 13, pi + 0.5, "#5f9450", ("#4c8347", "#83b56a"), 13),
    Terrace(604, 12, 0.2, "#dcb558", ("#c39a40", "#f3dc97"), 16),
)
FIELD = Terrace(690, 9, pi, "#7c5237", ("#6b4a36", "#9a6d48"), 0)
PATH_COLOUR = "#f6e7c4"
GLOWS = (230, 150)
FADING = [round(90 * (1 - value / 255) ** 1.6) for value in range(256)]


def fine(*lengths: float) -> tuple[float, ...]:
    """Lengths for a pen on something FINE times as large."""
    return tuple(length * FINE for length in lengths)


def at(x: float, y: float) -> tuple[int, int]:
    """A place as whole pixels."""
    return round(x), round(y)


def art(name: str, scale: float = 1.0) -> Image.Image:
    """One of the drawings beside this file; `scale` pixels to a unit of its own."""
    return sprite(ART / f"{name}.svg", round(scale, 3))


@cache
def sky() -> Image.Image:
    """The sky with the sun's glow, FINE times as large."""
    size = WIDTH * FINE, HEIGHT * FINE
    way = Image.linear_gradient("L").resize(size)
    image = coloured(way, [(stop, _rgb(colour)) for stop, colour in SKY])
    for radius in GLOWS:
        reach = radius * FINE
        glow = radial().resize((reach * 2, reach * 2)).point(FADING)
        corner = round(SUN[0] * FINE) - reach, round(SUN[1] * FINE) - reach
        image.paste(Image.new("RGB", glow.size, "#fff8e6"), corner, glow)
    return image


@cache
def land() -> Image.Image:
    """Mountains, terraces and the field in front, on nothing, FINE times as large."""
    size = FINE * FINE
    finer = Image.new("RGBA", (WIDTH * size, HEIGHT * size), (0, 0, 0, 0))
    pen = ImageDraw.Draw(finer)
    _fill(pen, _ridge(FAR_RIDGE), "#c9b0cb")
    _fill(pen, _ridge(NEAR_RIDGE), "#94709c")
    for terrace in (*TERRACES, FIELD):
        _fill(pen, terrace.edge, terrace.soil)
        _draw_path(pen, terrace)
    _draw_rows(pen)
    image = finer.reduce(FINE)
    for x, y, scale in HOUSES:
        house = art("house", scale * FINE)
        corner = round((x - 40 * scale) * FINE), round((y - 56 * scale) * FINE)
        image.alpha_composite(house, corner)
    return image


def _ridge(heights: tuple[int, ...]) -> Callable[[float], float]:
    """A line of peaks over the whole width."""
    step = WIDTH / (len(heights) - 1)

    def height(x: float) -> float:
        index = min(int(x / step), len(heights) - 2)
        part = x / step - index
        return heights[index] * (1 - part) + heights[index + 1] * part

    return height


def _fill(
    pen: ImageDraw.ImageDraw, edge: Callable[[float], float], colour: str
) -> None:
    """Everything below an edge."""
    line = [(x * FINE * FINE, edge(x) * FINE * FINE) for x in range(0, WIDTH + 1, 2)]
    low = HEIGHT * FINE * FINE
    pen.polygon([*line, (line[-1][0], low), (0, low)], fill=colour)


def _draw_path(pen: ImageDraw.ImageDraw, terrace: Terrace) -> None:
    """The trodden edge of a terrace, as the shop draws it."""
    size = FINE * FINE
    line: list[Point] = [
        (x * size, (terrace.edge(x) + 1) * size) for x in range(0, WIDTH + 1, 3)
    ]
    for piece in dashes(line, [10 * size, 3 * size, 6 * size, 3 * size]):
        pen.line(piece, fill=PATH_COLOUR, width=round(2.2 * size), joint="curve")


def _draw_rows(pen: ImageDraw.ImageDraw) -> None:
    """Ridges of the field in front, running towards the hills."""
    size = FINE * FINE
    for index in range(-5, 6):
        far, near = WIDTH / 2 + index * 38, WIDTH / 2 + index * 150
        line = [
            (far - 7, 702),
            (far + 7, 702),
            (near + 34, HEIGHT),
            (near - 34, HEIGHT),
        ]
        pen.polygon([(x * size, y * size) for x, y in line], fill="#8c6042")


HOUSES = ((306.0, 367.0, 0.52), (344.0, 373.0, 0.44), (392.0, 362.0, 0.5))
"""Where a house stands (the middle of its door step), and how large."""


def chimney(house: tuple[float, float, float]) -> Point:
    """Where the smoke comes from."""
    x, y, size = house
    return x + 20 * size, y - 54 * size


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue
