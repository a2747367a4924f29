"""English pages: data without a Chinese letter, so that any on a page is ours."""

import re

from sqlalchemy import Enum, String, Table, select, update
from sqlalchemy.exc import DBAPIError

from core.database import Base, db
from scripts.translations import source_sentences

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
# Columns where the house writes too: provinces, carriers, its own reasons.
SHARED = {"province", "carrier", "reason", "memo"}
NOT_READ = re.compile(
    r'<(\w+)[^>]* lang="zh[^>]*>.*?</\1>|<option value="[^"]*"', re.DOTALL
)


def chinese_on(page: str) -> list[str]:
    """The Chinese that is read on a page and not marked as Chinese, each once."""
    return sorted(set(CHINESE.findall(NOT_READ.sub("", page))))


def write_names_in_latin() -> None:
    """Replace what people typed; provinces and reasons of ours stay, as in life."""
    ours = source_sentences()
    for table in Base.metadata.sorted_tables:
        for name, kind in ((column.name, column.type) for column in table.columns):
            if isinstance(kind, String) and not isinstance(kind, Enum):
                _rewrite(table, name, ours if name in SHARED else frozenset())


def _rewrite(table: Table, name: str, kept: frozenset[str]) -> None:
    column = table.c[name]
    for text in db.session.scalars(select(column).distinct()).all():
        if text and text not in kept and CHINESE.search(text):
            latin = CHINESE.sub(lambda found: f"x{len(found[0])}", text)
            try:
                with db.session.begin_nested():
                    db.session.execute(
                        update(table).where(column == text).values({name: latin})
                    )
            except DBAPIError as error:
                raise AssertionError(f"{table.name}.{name} keeps {text}") from error
