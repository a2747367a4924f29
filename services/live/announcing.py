"""Tell who watches a room what changed in it, once the change is kept.

Nothing here can make a sale fail or wait: news is handed to a thread of its own, and
in a house without a media server nothing is done at all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from core.clock import now
from core.database import AnyRow, after_commit
from integrations.announcer import Announcer, find_announcer
from integrations.media_server import News
from queries.live.offers import boxes_on_air

_is_quiet: ContextVar[bool] = ContextVar("unannounced", default=False)


@dataclass(frozen=True)
class Stock:
    """What is to be looked at: how many of a box are left."""

    variant_id: int


@dataclass(frozen=True)
class Listing:
    """What is to be looked at: prices and stock of every box of a product."""

    product_id: int


def tell(room: str, kind: str, data: Mapping[str, Any]) -> None:
    """Tell a room something after the open transaction.

    room: the session's slug; kind, data: see the room's events.
    """
    announcer = _find_announcer()
    if announcer is not None:
        after_commit(partial(announcer.tell, News(room, kind, data)))


def stock_changed(variant_ids: Iterable[int]) -> None:
    """The stock of boxes changes with the open transaction."""
    announcer = _find_announcer()
    if announcer is not None:
        after_commit(partial(announcer.look, [Stock(each) for each in variant_ids]))


def listing_changed(product_id: int) -> None:
    """Prices, stock or whether it is sold change with the open transaction."""
    announcer = _find_announcer()
    if announcer is not None:
        after_commit(partial(announcer.look, [Listing(product_id)]))


@contextmanager
def unannounced() -> Iterator[None]:
    """Tell nobody while inside: for the demo's history, which nobody watched."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def millis(moment: datetime) -> int:
    """A moment as browsers count: milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def _find_announcer() -> Announcer | None:
    return None if _is_quiet.get() else find_announcer(news_of)


def news_of(subjects: Collection[Stock | Listing]) -> Sequence[News]:
    """What the rooms on air are to be told of these boxes and products.

    The stamp comes first: who read later knows at least as much, so that of two
    processes which tell at once the one with the later stamp is right.
    """
    at_us = int(now().timestamp() * 1_000_000)
    boxes = {each.variant_id for each in subjects if isinstance(each, Stock)}
    products = {each.product_id for each in subjects if isinstance(each, Listing)}
    news = []
    for row in boxes_on_air(boxes, products):
        if row.product_id in products:
            news.append(_price(row, at_us))
        news.append(_stock(row, at_us))
    return news


def _price(row: AnyRow, at_us: int) -> News:
    told = {"variant_id": row.variant_id, "price_fen": row.price_fen, "at_us": at_us}
    return News(row.slug, "price", told)


def _stock(row: AnyRow, at_us: int) -> News:
    told = {
        "variant_id": row.variant_id,
        "stock": row.stock if row.listed else 0,
        "listed": bool(row.listed),
        "at_us": at_us,
    }
    return News(row.slug, "stock", told)
