"""What every kind of file is written from: a document of tables.

The writers of XLSX and PDF stand in modules of their own: their libraries take a second
and 60 MB that most processes never need.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

Cell = str | int | None


class CellKind(Enum):
    """What cells hold: text, or an int of a unit that readers know otherwise.

    YUAN cells hold fen, JIN cells grams (1 斤 = 500 g), COUNT cells themselves.
    """

    TEXT = "text"
    YUAN = "yuan"
    JIN = "jin"
    COUNT = "count"


@dataclass(frozen=True)
class Head:
    """A column's heading, with its unit in words, and what it holds."""

    heading: str
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True)
class Sheet:
    """Rows of cells under headings; `foot` is the row of totals.

    rows: may be read while they are written, and then only once.
    kinds: one a row where cells of one column differ in kind, else empty.
    """

    name: str
    heads: Sequence[Head]
    rows: Iterable[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    kinds: Sequence[CellKind] = ()

    def kind_at(self, row: int, column: int) -> CellKind:
        """The kind of one cell; the row's own kind rules its number cells."""
        kind = self.heads[column].kind
        if self.kinds and kind is not CellKind.TEXT and row < len(self.kinds):
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
    sheets: Sequence[Sheet]
