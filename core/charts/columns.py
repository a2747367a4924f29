"""Stacked columns: stored ints in, percentages and words out.

Templates draw what they find here and compute nothing. Positions are percent
strings of the drawing, so a chart stretches while its text keeps its size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.charts.bars import percent
from core.charts.scale import Scale, Unit, text_width

TONES = ("leaf", "tuber", "ginger", "buy", "soil", "haw")
FULL_LABELS, MAX_LABELS = 7, 14
WIDEST_BAR, SEAM = 12.0, 0.5
NARROW_TEXT = 5


@dataclass(frozen=True)
class Series:
    """One row of numbers; an empty tone takes the next field colour."""

    name: str
    values: Sequence[int]
    tone: str = ""


@dataclass(frozen=True)
class Tick:
    """A grid line; `is_zero` is the line that columns stand on."""

    y: str
    text: str
    is_zero: bool


@dataclass(frozen=True)
class Mark:
    """A word in the drawing; density "alt" is left out on phones."""

    x: str
    y: str
    text: str
    density: str = ""


@dataclass(frozen=True)
class TableRow:
    """The numbers behind one label; `total` is empty for a single series."""

    label: str
    cells: tuple[str, ...]
    total: str


@dataclass(frozen=True)
class Frame:
    """What surrounds the columns: axis, legend and the table behind them."""

    unit: str
    axis: str
    ticks: tuple[Tick, ...]
    labels: tuple[Mark, ...]
    legend: tuple[tuple[str, str], ...]
    table_unit: str
    rows: tuple[TableRow, ...]

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to draw."""
        return not self.rows or not self.legend


@dataclass(frozen=True)
class Block:
    """One coloured piece of a column."""

    x: str
    y: str
    width: str
    height: str
    tone: str


@dataclass(frozen=True)
class BarChart:
    """Stacked columns: gains grow up from zero, losses down."""

    frame: Frame
    blocks: tuple[Block, ...]
    totals: tuple[Mark, ...]


def bar_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    unit: Unit,
    steps: int = 4,
    exact: Unit | None = None,
) -> BarChart:
    """Stack `series` over `labels`, one column a label.

    Each series has one value a label, else ValueError. `steps`: about how many
    intervals the axis has. `exact`: unit of the table behind, else `unit`.
    """
    rows = _table(labels, series, exact or unit)
    columns = list(zip(*(s.values for s in series), strict=True)) if series else []
    scale = Scale.over(
        [part for column in columns for part in _reach(column)], unit.base, steps
    )
    xs = [(i + 0.5) * 100 / len(labels) for i in range(len(labels))]
    toned = _toned(series)
    return BarChart(
        frame=_frame(labels, toned, unit, exact or unit, scale, xs, rows),
        blocks=tuple(
            block
            for column, x in zip(columns, xs, strict=False)
            for block in _stack(column, [s.tone for s in toned], x, len(xs), scale)
        ),
        totals=_totals(columns, xs, scale, unit),
    )


def _table(
    labels: Sequence[str], series: Sequence[Series], unit: Unit
) -> tuple[TableRow, ...]:
    if any(len(s.values) != len(labels) for s in series):
        raise ValueError("each series needs one value a label")
    return tuple(
        TableRow(
            label=label,
            cells=tuple(unit.text(s.values[i]) for s in series),
            total=unit.text(sum(s.values[i] for s in series)) if series[1:] else "",
        )
        for i, label in enumerate(labels)
    )


def _toned(series: Sequence[Series]) -> list[Series]:
    return [
        Series(s.name, s.values, s.tone or TONES[i % len(TONES)])
        for i, s in enumerate(series)
    ]


def _frame(
    labels: Sequence[str],
    series: Sequence[Series],
    unit: Unit,
    exact: Unit,
    scale: Scale,
    xs: Sequence[float],
    rows: tuple[TableRow, ...],
) -> Frame:
    ticks = tuple(
        Tick(percent(scale.y(stop)), unit.short(stop), stop == 0)
        for stop in scale.stops()
    )
    widest = max(text_width(tick.text) for tick in ticks)
    return Frame(
        unit=unit.name,
        axis="s" if widest <= 3 else "m" if widest <= 6 else "l",
        ticks=ticks,
        labels=tuple(
            Mark(percent(xs[i]), "97%", labels[i], density)
            for i, density in _labelled(len(labels))
        ),
        legend=tuple((s.name, s.tone) for s in series),
        table_unit=exact.name,
        rows=rows,
    )


def _labelled(count: int, *, is_wide: bool = False) -> Iterator[tuple[int, str]]:
    """Which of `count` places carry words, from the last; fewer wide ones on phones."""
    every = -(-count // MAX_LABELS) or 1
    on_phones = (2 if count > FULL_LABELS else 1) + is_wide
    for i in range(count):
        nth, skipped = divmod(count - 1 - i, every)
        if not skipped:
            yield i, "alt" if nth % on_phones else ""


def _reach(column: Sequence[int]) -> tuple[int, int]:
    return sum(v for v in column if v > 0), sum(v for v in column if v < 0)


def _stack(
    column: Sequence[int], tones: Sequence[str], x: float, count: int, scale: Scale
) -> Iterator[Block]:
    width = min(56 / count, WIDEST_BAR)
    above = below = 0
    for value, tone in zip(column, tones, strict=True):
        start = above if value > 0 else below
        if value > 0:
            above += value
        else:
            below += value
        top, bottom = sorted((scale.y(start), scale.y(start + value)))
        if value:
            height = max(bottom - top - SEAM, 0.3)
            yield Block(
                percent(x - width / 2),
                percent(top),
                percent(width),
                percent(height),
                tone,
            )


def _totals(
    columns: Sequence[Sequence[int]], xs: Sequence[float], scale: Scale, unit: Unit
) -> tuple[Mark, ...]:
    if len(columns) > MAX_LABELS:
        return ()
    texts = [unit.text(sum(column)) for column in columns]
    is_wide = max(map(text_width, texts), default=0) > NARROW_TEXT
    marks = []
    for i, density in _labelled(len(columns), is_wide=is_wide):
        up, down = _reach(columns[i])
        y = scale.y(up) - 1.5 if up or not down else scale.y(down) + 5.5
        marks.append(Mark(percent(xs[i]), percent(y), texts[i], density))
    return tuple(marks)
