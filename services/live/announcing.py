"""Tell who watches a room what changed in it, once the change is kept.

Nothing here can make a sale fail or wait: announcements are handed to a thread of
their own, and in a house without a media server nothing is done at all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

from core.clock import now
from core.database import AnyRow, after_commit
from integrations.announcer import Announcer, find_announcer
from integrations.media_server import Announcement
from queries.live.offers import boxes_on_air
from queries.live.runners import rights_in

_is_quiet: ContextVar[bool] = ContextVar("unannounced", default=False)


class Changed(NamedTuple):
    """What to read again: a box's stock, a product's offers, who runs a session."""

    variant_id: int | None = None
    product_id: int | None = None
    session_id: int | None = None


def announce(room: str, kind: str, **data: Any) -> None:
    """Tell a room something after the open transaction.

    room: the session's slug; kind, data: see the room's events.
    """
    announcer = _find_announcer()
    if announcer is not None:
        after_commit(partial(announcer.tell, Announcement(room, kind, data)))


def stock_changed(variant_ids: Iterable[int]) -> None:
    """The stock of boxes changes with the open transaction."""
    _look_at([Changed(variant_id=each) for each in variant_ids])


def listing_changed(product_id: int) -> None:
    """Prices, stock or whether it is sold change with the open transaction."""
    _look_at([Changed(product_id=product_id)])


def rights_changed(session_ids: Iterable[int]) -> None:
    """Who may run these sessions, or with which key, changes with the transaction."""
    _look_at([Changed(session_id=each) for each in session_ids])


@contextmanager
def unannounced() -> Iterator[None]:
    """Tell nobody while inside: for the demo's history, which nobody watched."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def _look_at(changes: Sequence[Changed]) -> None:
    announcer = _find_announcer()
    if announcer is not None:
        after_commit(partial(announcer.look, changes))


def _find_announcer() -> Announcer | None:
    return None if _is_quiet.get() else find_announcer(_announcements_of)


def _announcements_of(changes: Collection[Changed]) -> Sequence[Announcement]:
    """What rooms are to be told of these boxes, products and sessions.

    The stamp comes first: who read later knows at least as much, so that of two
    processes which tell at once the one with the later stamp is right.
    """
    at_us = int(now().timestamp() * 1_000_000)
    boxes = {each.variant_id for each in changes if each.variant_id is not None}
    products = {each.product_id for each in changes if each.product_id is not None}
    sessions = {each.session_id for each in changes if each.session_id is not None}
    told = [_rights(slug, rights, at_us) for slug, rights in rights_in(sessions)]
    for row in boxes_on_air(boxes, products):
        if row.product_id in products:
            told.append(_price(row, at_us))
        told.append(_stock(row, at_us))
    return told


def _rights(slug: str, rights: Mapping[str, Any], at_us: int) -> Announcement:
    return Announcement(slug, "rights", {**rights, "at_us": at_us})


def _price(row: AnyRow, at_us: int) -> Announcement:
    told = {"variant_id": row.variant_id, "price_fen": row.price_fen, "at_us": at_us}
    return Announcement(row.slug, "price", told)


def _stock(row: AnyRow, at_us: int) -> Announcement:
    told = {
        "variant_id": row.variant_id,
        "stock": row.stock if row.listed else 0,
        "listed": bool(row.listed),
        "at_us": at_us,
    }
    return Announcement(row.slug, "stock", told)
