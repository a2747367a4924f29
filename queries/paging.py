"""Long lists, a page at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from core.database import db

PAGE_SIZE = 20
LAST_PAGE = 100_000

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a list; numbers start at 1. Shaped for the pagination macro."""

    items: Sequence[T]
    page: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)

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
        """The number of the page before; the last one when this lies beyond it."""
        return min(self.page - 1, max(self.pages, 1))

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
        """Page numbers to offer, None where some are left out."""
        near = range(self.page - left_current, self.page + right_current + 1)
        before = 0
        for number in range(1, self.pages + 1):
            at_edge = number <= left_edge or number > self.pages - right_edge
            if not at_edge and number not in near:
                continue
            if number > before + 1:
                yield None
            yield number
            before = number


def fetch_page(
    statement: Select[Any],
    build: Callable[[Any], T],
    page: int,
    *,
    size: int = PAGE_SIZE,
) -> Page[T]:
    """One page of an ordered `statement`, each row turned by `build`.

    page: from 1; anything else is brought into range. Two queries.
    """
    page = min(max(page, 1), LAST_PAGE)
    counted = statement.order_by(None).subquery()
    total = db.session.scalar(select(func.count()).select_from(counted)) or 0
    rows = db.session.execute(statement.limit(size).offset((page - 1) * size))
    return Page([build(row) for row in rows], page, total, size)
