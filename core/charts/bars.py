"""Single bars: the parts of one amount, a ranking."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.charts.scale import Unit

TONES = ("leaf", "soil", "tuber", "buy", "ginger", "haw")
SEAM = 0.35


@dataclass(frozen=True)
class Part:
    """A part of an amount; negative when the party ends up paying."""

    name: str
    value: int
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class BarPiece:
    """Where a coloured piece starts and how wide it is, in percent."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True)
class PartRow:
    """One line of the key; `share` is empty when shares mean nothing."""

    name: str
    text: str
    share: str
    tone: str
    note: str


@dataclass(frozen=True)
class SplitBar:
    """Positive parts side by side; the key lists every part."""

    unit: str
    total: str
    segments: tuple[BarPiece, ...]
    rows: tuple[PartRow, ...]


@dataclass(frozen=True)
class Row:
    """A name and its number in a ranking."""

    name: str
    value: int
    tone: str = "leaf"
    href: str = ""


@dataclass(frozen=True)
class HBar:
    """A row of a ranking; the bar runs from the zero line to its value."""

    name: str
    text: str
    href: str
    bar: BarPiece


@dataclass(frozen=True)
class HBars:
    """A ranking; `zero` is empty unless some value is negative."""

    unit: str
    zero: str
    rows: tuple[HBar, ...]


def split_bar(parts: Sequence[Part], *, unit: Unit) -> SplitBar:
    """Draw `parts` of one amount, in the order given.

    Shares are whole percents of the sum and add up to 100 when no part is
    negative. Negative parts take no room in the bar: the key shows their minus.
    """
    tones = [part.tone or TONES[i % len(TONES)] for i, part in enumerate(parts)]
    drawn = [max(part.value, 0) for part in parts]
    return SplitBar(
        unit=unit.name,
        total=unit.text(sum(part.value for part in parts)),
        segments=tuple(_segments(drawn, tones)),
        rows=tuple(
            PartRow(part.name, unit.text(part.value), share, tone, part.note)
            for part, share, tone in zip(parts, _shares(parts), tones, strict=True)
        ),
    )


def hbars(rows: Sequence[Row], *, unit: Unit) -> HBars:
    """Draw `rows` as bars on one common scale that always includes zero."""
    low = min((row.value for row in rows), default=0)
    low, high = min(low, 0), max((row.value for row in rows), default=0)
    span = max(high, 0) - low or 1

    def bar(row: Row) -> BarPiece:
        start = min(row.value, 0) - low
        return BarPiece(
            percent(start * 100 / span), percent(abs(row.value) * 100 / span), row.tone
        )

    return HBars(
        unit=unit.name,
        zero=percent(-low * 100 / span) if low else "",
        rows=tuple(HBar(r.name, unit.text(r.value), r.href, bar(r)) for r in rows),
    )


def percent(value: float) -> str:
    """An SVG percentage with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _segments(drawn: Sequence[int], tones: Sequence[str]) -> list[BarPiece]:
    total, start, segments = sum(drawn), 0, []
    for value, tone in zip(drawn, tones, strict=True):
        if value:
            width = max(value * 100 / total - SEAM, 0.2)
            segments.append(
                BarPiece(percent(start * 100 / total), percent(width), tone)
            )
        start += value
    return segments


def _shares(parts: Sequence[Part]) -> list[str]:
    total = sum(part.value for part in parts)
    if total <= 0 or any(part.value < 0 for part in parts):
        return ["" for _ in parts]
    floors = [part.value * 100 // total for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda i: -(parts[i].value * 100 % total))
    for i in by_rest[: 100 - sum(floors)]:
        floors[i] += 1
    return [f"{share}%" for share in floors]
