"""What the wind moves on the ground: crops, trees, vines; and who works there."""

from collections.abc import Iterator
from functools import cache
from math import cos, pi, radians, sin
from random import Random

from PIL import Image, ImageDraw

from commands.demo.stream.painting.land import (
    FIELD,
    FINE,
    TERRACES,
    WIDTH,
    Terrace,
    art,
    at,
    fine,
    land,
)
from commands.demo.stream.painting.weather import Loop, draw_puff, small, small_sheet

GUST_S, FLUTTER_S, GUST_LENGTH = 6.0, 1.5, 310.0
Colour = tuple[int, int, int]


class Wind:
    """Gusts that travel to the right and downhill, at one moment."""

    def __init__(self, loop: Loop, at_s: float) -> None:
        self._gust = loop.turn(at_s, GUST_S) * 2 * pi
        self._flutter = loop.turn(at_s, FLUTTER_S) * 2 * pi

    def at(self, x: float, y: float) -> float:
        """How hard it blows at a place: −1 … 1."""
        way = (x + y * 0.6) * 2 * pi / GUST_LENGTH
        return 0.75 * sin(self._gust - way) + 0.25 * sin(self._flutter - way * 2.3)


def draw_crops(image: Image.Image, loop: Loop, at_s: float, wind: Wind) -> None:
    """Rows of stalks on every terrace; they lean and brighten with the wind."""
    hills = _hills().copy()
    pen = ImageDraw.Draw(hills)
    for x, y, width, poses in _stalks():
        step = round((0.5 + 0.5 * wind.at(x, y)) * LEANS)
        line, colour = poses[step]
        pen.line(line, colour, width)
    draw_farmer(pen, loop, at_s, FARMER)
    image.paste(hills.reduce(FINE), (0, HILLS_TOP))


HILLS_TOP, HILLS_END = 336, 716
FARMER = (424.0, 516.0 - HILLS_TOP)


@cache
def _hills() -> Image.Image:
    """The terraces and what is behind them, FINE times as large."""
    box = (0, HILLS_TOP * FINE, WIDTH * FINE, HILLS_END * FINE)
    return land().crop(box).convert("RGB")


LEANS = 24
"""How many ways a stalk can lean."""

Pose = tuple[list[tuple[float, ...]], Colour]
Stalk = tuple[float, float, int, list[Pose]]


@cache
def _stalks() -> list[Stalk]:
    """Foot, width and poses of every stalk; nearer ones come later and cover others."""
    return [
        (x, y, max(2, round(terrace.tall * 0.2 * FINE)), poses)
        for terrace, below in zip(TERRACES, (*TERRACES[1:], FIELD), strict=True)
        for x, y, poses in _sown(terrace, below)
    ]


def _sown(
    terrace: Terrace, below: Terrace
) -> Iterator[tuple[float, float, list[Pose]]]:
    chance = Random(int(terrace.top))  # noqa: S311 - a drawing
    row_gap = terrace.tall * 1.15
    deepest = below.top + below.wave - terrace.top
    for row in range(int(deepest / row_gap) + 1):
        x = chance.uniform(-6, 0)
        while x < WIDTH + 6:
            y = terrace.edge(x) + 7 + terrace.tall * 0.75 + row * row_gap
            y += chance.uniform(-1, 1)
            tall = terrace.tall * chance.uniform(0.8, 1.15)
            if y < below.edge(x) - 1:
                yield x, y, [_pose(terrace, x, y, tall, n) for n in range(LEANS + 1)]
            x += terrace.tall * chance.uniform(0.5, 0.8)


def _pose(terrace: Terrace, x: float, y: float, tall: float, step: int) -> Pose:
    """A stalk's line and colour, from leaning back and dark to bowed and bright."""
    part = step / LEANS
    lean = tall * (0.84 * part - 0.24)
    tip = (x + lean, y - tall + abs(lean) * 0.25)
    middle = (x + lean * 0.3, y - tall * 0.55)
    points = ((x, y), middle, tip)
    line = [fine(x, y - HILLS_TOP) for x, y in points]
    return line, _shade(terrace.crop, part)


def _shade(pair: tuple[str, str], part: float) -> Colour:
    dark, bright = ((int(c[1:3], 16), int(c[3:5], 16), int(c[5:], 16)) for c in pair)
    red, green, blue = (
        round(d + (b - d) * part) for d, b in zip(dark, bright, strict=True)
    )
    return red, green, blue


TREES = (
    (34.0, 384.0, 0.6),
    (206.0, 390.0, 0.5),
    (238.0, 392.0, 0.42),
    (500.0, 430.0, 0.7),
    (458.0, 424.0, 0.55),
    (66.0, 486.0, 0.8),
    (20.0, 478.0, 0.66),
    (522.0, 566.0, 1.0),
    (28.0, 634.0, 1.15),
)
"""Foot and size of each hawthorn."""


def draw_trees(image: Image.Image, wind: Wind) -> None:
    """They sway about their feet."""
    for x, y, size in TREES:
        angle = -2.2 * wind.at(x, y)
        _paste_turned(image, "tree", size, angle, (x, y))


@cache
def _turned(name: str, size: float, halves: int) -> tuple[Image.Image, int, int]:
    """A drawing turned by half degrees, and where its foot then is."""
    drawing = art(name, size)
    turn = halves / 2
    turned = drawing.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    below = drawing.height * (FOOT - 0.5)
    across = turned.width / 2 + below * sin(radians(turn))
    down = turned.height / 2 + below * cos(radians(turn))
    return turned, round(across), round(down)


FOOT = 0.91
"""How far down in its drawing a tree or a leaf stands."""


def _paste_turned(
    image: Image.Image,
    name: str,
    size: float,
    angle: float,
    foot: tuple[float, float],
) -> None:
    drawing, across, down = _turned(name, size, round(angle * 2))
    left, top = at(*foot)
    image.paste(drawing, (left - across, top - down), drawing)


Vine = tuple[str, float, float, float, float]


@cache
def _vines() -> list[Vine]:
    """Leaves by name, size, foot and slant, the farthest first."""
    chance = Random(7)  # noqa: S311 - a drawing
    names = ("leaf_deep", "leaf_fresh", "leaf_fresh", "leaf_young")
    vines: list[Vine] = []
    for row in range(6):
        nearness = row / 5
        size = round(0.22 + 0.46 * nearness**1.2, 2)
        y = 744 + 206 * nearness**0.85
        step = 60 * size
        for index in range(int(WIDTH / step) + 3):
            x = (index - 1 + chance.uniform(-0.3, 0.3)) * step
            slant = chance.choice((-1, 1)) * chance.randrange(8, 64, 3)
            low = y + chance.uniform(-8, 8) * (0.5 + nearness)
            vines.append((chance.choice(names), size, x, low, slant))
    return vines


def draw_vines(image: Image.Image, wind: Wind) -> None:
    """The sweet potato field in front."""
    for name, size, x, y, slant in _vines():
        blows = wind.at(x, y * 0.4 + slant)
        _paste_turned(image, name, size, slant - 5 * blows, (x, y))


BASKET = (146.0, 462.0, 0.64)


def draw_basket(image: Image.Image, loop: Loop, at_s: float) -> None:
    """Freshly dug, one broken open and steaming."""
    left, top, size = BASKET
    drawing = art("basket", size)
    image.paste(drawing, at(left, top), drawing)
    for index in range(7):
        age = loop.turn(at_s, 5, index / 7)
        x = left + 222 * size + 9 * sin(age * 6 + index * 1.9) + 12 * (index % 3 - 1)
        y = top + 70 * size - 74 * age
        draw_puff(image, (x, y), 7 + 12 * age, 0.34 * sin(age * pi))


def draw_butterflies(image: Image.Image, loop: Loop, at_s: float) -> None:
    """Two cabbage whites about the basket."""
    for index, colour in enumerate(("#fffdf8", "#fbefcf")):
        way = loop.turn(at_s, 20, index * 0.37) * 2 * pi
        x = 286 + (150 - 40 * index) * cos(way + index)
        y = 480 + 62 * sin(2 * way) + 46 * index - 6 * sin(7 * way)
        spread = 0.25 + 0.75 * abs(sin(loop.turn(at_s, 0.42, index * 0.5) * pi))
        with small_sheet(image, (x, y)) as pen:
            for side in (-spread, spread):
                _draw_wing(pen, side, colour)
            pen.line([small(-0.5, -5), small(0.5, 5)], "#574638", 6)


def _draw_wing(pen: ImageDraw.ImageDraw, spread: float, colour: str) -> None:
    upper = [(0, -1), (11 * spread, -9), (12 * spread, -1), (0, 1)]
    lower = [(0, 0), (9 * spread, 1), (7 * spread, 7), (0, 3)]
    for wing in (upper, lower):
        pen.polygon([small(*point) for point in wing], fill=colour)


def draw_farmer(
    pen: ImageDraw.ImageDraw, loop: Loop, at_s: float, place: tuple[float, float]
) -> None:
    """Someone under a straw hat, hoeing a terrace."""
    lift = max(0.0, sin(loop.turn(at_s, 2.6) * 2 * pi)) ** 0.8
    x, y = place
    bow = radians(38 - 26 * lift)
    head = (x + 15 * sin(bow), y - 15 - 15 * cos(bow))
    _limb(pen, [(x - 3, y), (x - 1, y - 8), (x, y - 15)], "#3d4a63", 4.5)
    _limb(pen, [(x + 4, y), (x + 4, y - 8), (x, y - 15)], "#46557a", 4.5)
    shoulder = (x + 11 * sin(bow), y - 15 - 11 * cos(bow))
    _limb(pen, [(x, y - 15), shoulder], "#b3242b", 8)
    hands = (shoulder[0] + 9, shoulder[1] + 5 - 10 * lift)
    angle = radians(25 - 120 * lift)
    blade = hands[0] + 20 * cos(angle), hands[1] + 20 * sin(angle)
    _limb(pen, [(hands[0] - 5, hands[1] - 3), blade], "#6b4a36", 1.8)
    edge = blade[0] - 6 * sin(angle) - 1, blade[1] + 6 * cos(angle)
    _limb(pen, [blade, edge], "#574638", 3)
    _limb(pen, [shoulder, hands], "#c9353a", 3.4)
    brim = [
        (head[0] - 10, head[1]),
        (head[0], head[1] - 8),
        (head[0] + 10, head[1] + 2),
    ]
    pen.polygon([fine(*point) for point in brim], fill="#e6c48a")
    _limb(pen, [brim[0], brim[2]], "#c1904f", 2)


def _limb(
    pen: ImageDraw.ImageDraw,
    line: list[tuple[float, float]],
    colour: str,
    width: float,
) -> None:
    pen.line([fine(*point) for point in line], colour, round(width * FINE), "curve")
    for x, y in (line[0], line[-1]):
        reach = width / 2
        box = fine(x - reach, y - reach, x + reach, y + reach)
        pen.ellipse(box, fill=colour)
