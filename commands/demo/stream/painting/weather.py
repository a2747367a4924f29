"""What moves in the sky: the sun that tells the seconds, clouds, birds, smoke."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import cos, exp, pi, sin

from PIL import Image, ImageChops, ImageDraw

from commands.demo.stream.painting.land import (
    FINE,
    HOUSES,
    SUN,
    SUN_RADIUS,
    WIDTH,
    art,
    at,
    chimney,
    fine,
    sky,
)
from commands.demo.stream.painting.svg import radial

RAYS = 60
PALE, LIT = (250, 214, 160), (219, 130, 32)
FACE, HAND = "#fffaf0", "#5b2350"
GLOWS_S = 9.0


@dataclass(frozen=True)
class Loop:
    """How long the film is; everything in it comes round a whole number of times."""

    seconds: int

    def turn(self, at_s: float, period_s: float, phase: float = 0.0) -> float:
        """How far something that takes about `period_s` has come: 0 … 1."""
        times = max(1, round(self.seconds / period_s))
        return (at_s / self.seconds * times + phase) % 1.0


DIAL = round(SUN_RADIUS + 30)
"""Half the width of the square that holds the sun with its rays."""


def draw_sun(image: Image.Image, second: float) -> None:
    """A dial of sixty rays with a hand; rays glow where it has just been."""
    dial = _dial().copy()
    pen = ImageDraw.Draw(dial)
    for index in range(RAYS):
        _draw_ray(pen, index, age_s=(second - index) % RAYS)
    hand = _hand().rotate(-second * 6, Image.Resampling.BICUBIC)
    for thing in (_face(), hand):
        margin = DIAL * FINE - thing.width // 2
        dial.paste(thing, (margin, margin), thing)
    image.paste(dial.reduce(FINE), at(SUN[0] - DIAL, SUN[1] - DIAL))


@cache
def _dial() -> Image.Image:
    """The sky behind the sun."""
    box = (SUN[0] - DIAL, SUN[1] - DIAL, SUN[0] + DIAL, SUN[1] + DIAL)
    return sky().crop((*at(*fine(*box[:2])), *at(*fine(*box[2:]))))


def _draw_ray(pen: ImageDraw.ImageDraw, index: int, age_s: float) -> None:
    turn = index / RAYS * 2 * pi
    is_fifth = index % 5 == 0
    strength = exp(-age_s / GLOWS_S)
    inner, outer = SUN_RADIUS + 9, SUN_RADIUS + (22 if is_fifth else 16) + 3 * strength
    ends = [
        (DIAL + sin(turn) * radius, DIAL - cos(turn) * radius)
        for radius in (inner, outer)
    ]
    colour = tuple(
        round(pale + (lit - pale) * max(strength, 0.35 if is_fifth else 0))
        for pale, lit in zip(PALE, LIT, strict=True)
    )
    pen.line([fine(*end) for end in ends], fill=colour, width=round(2.6 * FINE))


@cache
def _face() -> Image.Image:
    size = round((SUN_RADIUS + 4) * 2 * FINE)
    finer = Image.new("RGBA", (size * 4, size * 4), (0, 0, 0, 0))
    pen = ImageDraw.Draw(finer)
    middle, radius = size * 2, SUN_RADIUS * FINE * 4
    box = (middle - radius, middle - radius, middle + radius, middle + radius)
    pen.ellipse(box, fill=FACE, outline="#f0bd72", width=FINE * 8)
    for hour in range(12):
        turn = hour / 12 * 2 * pi
        far, dot = radius * 0.82, FINE * 4 * (2.6 if hour % 3 == 0 else 1.5)
        x, y = middle + sin(turn) * far, middle - cos(turn) * far
        pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill="#dba52f")
    return finer.reduce(4)


@cache
def _hand() -> Image.Image:
    """The hand at twelve, on nothing."""
    size = round((SUN_RADIUS + 4) * 2 * FINE)
    finer = Image.new("RGBA", (size * 4, size * 4), (0, 0, 0, 0))
    pen = ImageDraw.Draw(finer)
    middle, unit = size * 2, FINE * 4
    tip, tail = middle - 42 * unit, middle + 13 * unit
    pen.polygon(
        [
            (middle - 0.8 * unit, tip),
            (middle + 0.8 * unit, tip),
            (middle + 2.2 * unit, tail),
            (middle - 2.2 * unit, tail),
        ],
        fill=HAND,
    )
    for radius, colour in ((6.5, HAND), (2.6, "#dba52f")):
        reach = radius * unit
        box = (middle - reach, middle - reach, middle + reach, middle + reach)
        pen.ellipse(box, fill=colour)
    return finer.reduce(4)


CLOUDS = ((36.0, 1.0, 0.3), (92.0, 0.5, 0.78), (256.0, 0.62, 0.62), (270.0, 0.45, 0.05))
"""Height, size and where each begins, as a part of its way; none hides the dial."""


def draw_clouds(image: Image.Image, loop: Loop, at_s: float) -> None:
    """Each crosses the sky once in a loop."""
    for y, size, phase in CLOUDS:
        cloud = art("cloud", size)
        x = loop.turn(at_s, 60, phase) * (WIDTH + cloud.width) - cloud.width
        _paste_smoothly(image, cloud, x, y)


def _paste_smoothly(image: Image.Image, thing: Image.Image, x: float, y: float) -> None:
    """Paste at a place between pixels, so that slow things do not tremble."""
    left, part = divmod(x, 1)
    if part:
        moved = (1, 0, -part, 0, 1, 0)
        size = thing.width + 1, thing.height
        thing = thing.transform(
            size, Image.Transform.AFFINE, moved, Image.Resampling.BILINEAR
        )
    image.paste(thing, (int(left), round(y)), thing)


FLOCK = ((0.0, 0.0), (-26.0, 9.0), (-34.0, -12.0), (-56.0, 2.0))


def draw_birds(image: Image.Image, loop: Loop, at_s: float) -> None:
    """A few swallows on their way across."""
    way = loop.turn(at_s, 30, 0.55)
    for index, (dx, dy) in enumerate(FLOCK):
        x = -40 + way * (WIDTH + 140) + dx
        y = 176 + 26 * sin(way * 2 * pi * 1.5 + index) - 40 * way + dy
        wing = sin(loop.turn(at_s, 0.62, index * 0.23) * 2 * pi)
        tips = [(-8, -2 - 5 * wing), (-3, -2.5), (0, 0), (3, -2.5), (8, -2 - 5 * wing)]
        with small_sheet(image, (x, y)) as pen:
            pen.line(
                [small(*tip) for tip in tips], "#6d4a63", round(1.7 * SMALL), "curve"
            )


SMALL, REACH = 4, 16
"""Small things fly on sheets drawn SMALL times as large, REACH pixels to each side."""


def small(x: float, y: float) -> tuple[float, float]:
    """A place on a small sheet, from its middle."""
    return (x + REACH) * SMALL, (y + REACH) * SMALL


@contextmanager
def small_sheet(
    image: Image.Image, middle: tuple[float, float]
) -> Iterator[ImageDraw.ImageDraw]:
    """A pen for something small; it lands on the picture between pixels."""
    side = REACH * 2 * SMALL
    sheet = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    yield ImageDraw.Draw(sheet)
    left, across = divmod(middle[0] - REACH, 1)
    top, down = divmod(middle[1] - REACH, 1)
    moved = ImageChops.offset(sheet, round(across * SMALL), round(down * SMALL))
    shrunk = moved.reduce(SMALL)
    image.paste(shrunk, (int(left), int(top)), shrunk)


PUFFS = 6


def draw_smoke(image: Image.Image, loop: Loop, at_s: float) -> None:
    """Supper is being cooked in two of the houses."""
    for house in HOUSES[::2]:
        x, y = chimney(house)
        for index in range(PUFFS):
            age = loop.turn(at_s, 6, index / PUFFS + house[0])
            radius = 2.5 + 8 * age
            lean = 20 * age * age + 3 * sin(age * 5 + house[0])
            draw_puff(image, (x + lean, y - 40 * age), radius, 0.5 * (1 - age))


def draw_puff(
    image: Image.Image, place: tuple[float, float], radius: float, alpha: float
) -> None:
    """A soft white ball."""
    size = max(2, round(radius * 2))
    mask = _ball().resize((size, size)).point([round(v * alpha) for v in range(256)])
    corner = at(place[0] - radius, place[1] - radius)
    image.paste("#fffdf8", (*corner, corner[0] + size, corner[1] + size), mask)


@cache
def _ball() -> Image.Image:
    shape = [round(255 * (1 - value / 255) ** 0.8) for value in range(256)]
    return radial().resize((64, 64)).point(shape)
