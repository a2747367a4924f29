"""What every kind of file is written from: a document of tables.

The writers of XLSX and PDF stand in modules of their own: their libraries take a second
and 60 MB that most processes never need.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

Cell = str | int | None


class ColumnKind(Enum):
    """What a column holds: text, or an int of a unit that readers know otherwise.

    YUAN columns hold fen, JIN columns grams (1 斤 = 500 g), COUNT columns themselves.
    """

    TEXT = "text"
    YUAN = "yuan"
    JIN = "jin"
    COUNT = "count"


@dataclass(frozen=True)
class Column:
    """A column's heading, with its unit in words, and what it holds."""

    heading: str
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns; `foot` is the row of totals.

    kinds: one a row where cells of one column differ in kind, else empty.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    kinds: Sequence[ColumnKind] = ()

    def kind_at(self, row: int, column: int) -> ColumnKind:
        """The kind of one cell; the row's own kind rules its number cells."""
        kind = self.columns[column].kind
        if self.kinds and kind is not ColumnKind.TEXT and row < len(self.kinds):
            return self.kinds[row]
        return kind


@dataclass(frozen=True)
class Document:
    """A report: its title, what it is about, and its tables.

    facts: names and values such as period, scope and the moment of reading;
    about: the name of the sheet that holds them.
    """

    title: str
    about: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]
