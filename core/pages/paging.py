"""Lists cut into pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, func, select

from core.database import AnyRow, AnySelect, db

Item = TypeVar("Item")
MOST_PAGES = 100_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: its items, its number from 1, and how many there are."""

    items: Sequence[Item]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; 0 for an empty list."""
        return -(-self.total // self.per_page)

    @property
    def has_prev(self) -> bool:
        """Whether a page comes before."""
        return self.page > 1

    @property
    def has_next(self) -> bool:
        """Whether a page comes after."""
        return self.page < self.pages

    @property
    def prev_num(self) -> int:
        """The number of the page before."""
        return self.page - 1

    @property
    def next_num(self) -> int:
        """The number of the page after."""
        return self.page + 1

    def iter_pages(
        self,
        *,
        left_edge: int = 1,
        left_current: int = 1,
        right_current: int = 1,
        right_edge: int = 1,
    ) -> Iterator[int | None]:
        """Page numbers to link to; None where some are left out."""
        shown_before = 0
        for number in range(1, self.pages + 1):
            at_edge = number <= left_edge or number > self.pages - right_edge
            if not at_edge and not (
                self.page - left_current <= number <= self.page + right_current
            ):
                continue
            if number > shown_before + 1:
                yield None
            yield number
            shown_before = number


def page_number(text: str | None) -> int:
    """The page a reader asked for; anything that is no page number means the first."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 6:
        return 1
    return min(max(int(text), 1), MOST_PAGES)


def paginate(query: AnySelect, page: int, per_page: int) -> Page[AnyRow]:
    """Page `page` of `query` in two statements; past the end means the last page."""
    total = _count(query)
    number = _within(page, per_page, total)
    shown = db.session.execute(query.limit(per_page).offset((number - 1) * per_page))
    return Page(shown.all(), number, per_page, total)


def paginate_newest(
    query: AnySelect,
    ids: AnySelect,
    newest: Sequence[ColumnElement[Any]],
    page: int,
    per_page: int,
) -> Page[AnyRow]:
    """As `paginate`, of a long list: the ids first, then what is told of a page's rows.

    ids: of the rows of `query`, without the joins that only tell more of each. newest:
    columns by which both are ordered, the largest first. The pages of the latter half
    are counted from the end, so that the last is found as fast as the first.
    """
    total = _count(ids)
    number = _within(page, per_page, total)
    before = (number - 1) * per_page
    size = min(per_page, total - before)
    after = total - before - size
    falling = [column.desc() for column in newest]
    if after < before:
        cut = ids.order_by(*newest).offset(after)
    else:
        cut = ids.order_by(*falling).offset(before)
    chosen = db.session.scalars(cut.limit(size)).all()
    key = ids.selected_columns[0]
    shown = db.session.execute(query.where(key.in_(chosen)).order_by(*falling))
    return Page(shown.all(), number, per_page, total)


def _count(query: AnySelect) -> int:
    rows = query.order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def _within(page: int, per_page: int, total: int) -> int:
    """The page that is shown: `page`, or the last one."""
    return min(max(page, 1), max(1, -(-total // per_page)))
