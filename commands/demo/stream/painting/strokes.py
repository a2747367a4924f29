"""Outlines as SVG writes them, flattened into points."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians, sin

Point = tuple[float, float]
STEPS = 14
_WORD = re.compile(r"[MLHVCSQZmlhvcsqz]|-?(?:\d+\.?\d*|\.\d+)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "Z": 0}


@dataclass(frozen=True)
class Shift:
    """An affine map (x, y) → (a·x + c·y + e, b·x + d·y + f)."""

    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def at(self, point: Point) -> Point:
        """Where `point` comes to lie."""
        x, y = point
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def then(self, inner: "Shift") -> "Shift":
        """`inner` first, then this one."""
        e, f = self.at((inner.e, inner.f))
        return Shift(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            e,
            f,
        )

    @property
    def size(self) -> float:
        """How much longer lines become."""
        return hypot(self.a, self.b)


def read_shift(text: str) -> Shift:
    """The map of a `transform` with translate, rotate and scale."""
    found = Shift()
    for name, inside in re.findall(r"(\w+)\(([^)]*)\)", text):
        numbers = [float(each) for each in inside.replace(",", " ").split()]
        found = found.then(_one_shift(name, numbers))
    return found


def _one_shift(name: str, numbers: Sequence[float]) -> Shift:
    if name == "translate":
        return Shift(e=numbers[0], f=numbers[1] if len(numbers) > 1 else 0)
    if name == "scale":
        return Shift(a=numbers[0], d=numbers[-1])
    turn = radians(numbers[0])
    return Shift(cos(turn), sin(turn), -sin(turn), cos(turn))


def read_outline(text: str) -> list[list[Point]]:
    """The lines of a `d`, each a list of points."""
    return list(_Reader(text).lines())


class _Reader:
    """Walks along a `d`; `last` is the second handle of the curve before."""

    def __init__(self, text: str) -> None:
        self._words = _WORD.findall(text)
        self._place = 0
        self._here: Point = (0, 0)
        self._last: Point = (0, 0)
        self._line: list[Point] = []

    def lines(self) -> Iterator[list[Point]]:
        letter = "M"
        while self._place < len(self._words):
            if self._words[self._place].isalpha():
                letter = self._words[self._place]
                self._place += 1
            if letter in "Mm" and self._line:
                yield self._line
                self._line = []
            self._follow(letter)
            letter = {"M": "L", "m": "l"}.get(letter, letter)
        if self._line:
            yield self._line

    def _follow(self, letter: str) -> None:
        kind = letter.upper()
        numbers = self._take(_TAKES[kind])
        if kind == "Z":
            self._go(self._line[0])
        elif kind in "HV":
            self._go(self._straight(kind, numbers[0], is_near=letter.islower()))
        else:
            near = self._here if letter.islower() else (0.0, 0.0)
            points = [
                (x + near[0], y + near[1])
                for x, y in zip(numbers[::2], numbers[1::2], strict=True)
            ]
            self._bend(kind, points)

    def _take(self, count: int) -> list[float]:
        words = self._words[self._place : self._place + count]
        self._place += count
        return [float(word) for word in words]

    def _straight(self, kind: str, to: float, *, is_near: bool) -> Point:
        x, y = self._here
        if kind == "H":
            return (x + to if is_near else to), y
        return x, (y + to if is_near else to)

    def _bend(self, kind: str, points: list[Point]) -> None:
        if kind in "ML":
            self._go(points[0])
            return
        if kind == "S":
            x, y = self._here
            points = [(2 * x - self._last[0], 2 * y - self._last[1]), *points]
        start = self._here
        for step in range(1, STEPS + 1):
            self._line.append(_curve([start, *points], step / STEPS))
        self._here, self._last = points[-1], points[-2]

    def _go(self, to: Point) -> None:
        self._line.append(to)
        self._here = self._last = to


def _curve(points: Sequence[Point], at: float) -> Point:
    """A point of a Bézier curve (de Casteljau)."""
    while len(points) > 1:
        points = [
            (a[0] + (b[0] - a[0]) * at, a[1] + (b[1] - a[1]) * at)
            for a, b in pairwise(points)
        ]
    return points[0]


def ellipse(cx: float, cy: float, rx: float, ry: float) -> list[Point]:
    """An ellipse's outline."""
    turns = [radians(angle) for angle in range(0, 360, 6)]
    return [(cx + rx * cos(turn), cy + ry * sin(turn)) for turn in turns]


def dashes(line: Sequence[Point], pattern: Sequence[float]) -> Iterator[list[Point]]:
    """A line cut into dashes; the pattern is dash, gap, dash …"""
    piece, left, index = [line[0]], pattern[0], 0
    for start, end in pairwise(line):
        here = start
        while (ahead := hypot(end[0] - here[0], end[1] - here[1])) > left:
            part = left / ahead
            here = (
                here[0] + (end[0] - here[0]) * part,
                here[1] + (end[1] - here[1]) * part,
            )
            if index % 2 == 0:
                yield [*piece, here]
            index += 1
            piece, left = [here], pattern[index % len(pattern)]
        left -= ahead
        piece.append(end)
    if index % 2 == 0 and len(piece) > 1:
        yield piece
