"""Units and axes of charts: which numbers stand at the grid lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from unicodedata import east_asian_width

TOP, FLOOR = 10, 88
MINUS = "\u2212"


@dataclass(frozen=True)
class Unit:
    """How a stored int is shown: `base` stored units make one of `name`.

    Unit("元", 100, 2) shows 123456 fen as 1,234.56; Unit("斤", 500, 1) shows grams.
    """

    name: str
    base: int = 1
    places: int = 0

    def text(self, value: int) -> str:
        """Digits with thousands commas, rounded half away from zero."""
        scaled = (2 * abs(value) * 10**self.places + self.base) // (2 * self.base)
        whole, rest = divmod(scaled, 10**self.places)
        digits = f"{whole:,}" + (f".{rest:0{self.places}}" if self.places else "")
        return MINUS + digits if value < 0 and scaled else digits

    def short(self, value: int) -> str:
        """As `text`, without zeros after the point: for grid lines."""
        text = self.text(value)
        return text.rstrip("0").rstrip(".") if "." in text else text


def fitting(values: Iterable[int], *units: Unit) -> Unit:
    """The largest of `units` (given smallest first) that the peak value fills."""
    peak = max((abs(value) for value in values), default=0)
    return next((unit for unit in reversed(units) if peak >= unit.base), units[0])


@dataclass(frozen=True)
class Scale:
    """A value axis from `low` to `high` in whole steps, zero always on it."""

    low: int
    high: int
    step: int

    @classmethod
    def over(cls, values: Iterable[int], base: int, steps: int) -> "Scale":
        """The axis holding `values` with about `steps` round intervals."""
        held = [0, *values]
        step = nice_step(Fraction(max(held) - min(held), steps), base)
        low = floor(Fraction(min(held), step)) * step
        high = ceil(Fraction(max(held), step)) * step
        return cls(low, high if high > low else low + step, step)

    def y(self, value: int) -> float:
        """Height of `value` in percent from the top of the drawing."""
        return FLOOR - (value - self.low) / (self.high - self.low) * (FLOOR - TOP)

    def stops(self) -> range:
        """The values of the grid lines, lowest first."""
        return range(self.low, self.high + 1, self.step)


def nice_step(at_least: Fraction, base: int) -> int:
    """The smallest 1, 2 or 5 times a power of ten of `base` not under `at_least`."""
    if at_least <= 0:
        return base
    power = Fraction(base)
    while power > at_least:
        power /= 10
    while power * 10 <= at_least:
        power *= 10
    step = next(power * digit for digit in (1, 2, 5, 10) if power * digit >= at_least)
    return max(1, ceil(step))


def text_width(text: str) -> int:
    """Columns that `text` takes in a terminal: Chinese characters count two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
