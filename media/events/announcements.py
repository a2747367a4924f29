"""What the web process says of a room, checked before anyone hears it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.live import SessionState
from media.events.chat import ChatLine
from media.events.sse import EventKind
from media.events.state import LineUp

LARGEST_BODY = 512 * 1024
MOST_AT_ONCE = 1_000
LONGEST_TEXT = 2_000
LARGEST_NUMBER = 2**53 - 1
"""What a browser's numbers hold exactly."""


class InvalidMessage(ValueError):
    """A body that holds something else than it should."""


class Announcement(NamedTuple):
    """One thing that happened in a room; `data` as a reader gets it."""

    kind: EventKind
    data: dict[str, Any]


@dataclass(frozen=True)
class RoomReport:
    """How a room stands in the database at `at_ms`, by the web process's clock.

    It is the answer of /live/<slug>/state. rights: the stream key and the runners.
    announcements: state, pin, prices and stock, each as it would be announced now.
    is_unpinned: nothing is pinned, and no announcement can say since when.
    chat: the last lines that are not hidden.
    """

    at_ms: int
    state: str
    starts_at_ms: int
    rights: dict[str, Any]
    announcements: tuple[Announcement, ...]
    is_unpinned: bool
    line_up: LineUp
    chat: tuple[ChatLine, ...]


def parse_announcements(body: str | bytes) -> list[Announcement]:
    """What a JSON text announces, all of it good. Raises InvalidMessage."""
    return _read_list(parse_json(body))


def parse_report(body: str | bytes) -> RoomReport:
    """How a room stands, by a JSON text. Raises InvalidMessage."""
    try:
        return _read_report(parse_json(body))
    except (KeyError, TypeError) as error:
        raise InvalidMessage(f"no report of a room: {error}") from None


def parse_json(body: str | bytes) -> Any:
    """What a JSON text says. Raises InvalidMessage when it is none, or too deep."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidMessage("not JSON") from None


def _read_report(body: dict[str, Any]) -> RoomReport:
    pin, offers = body["pin"], body["offers"]
    at_ms, starts_at_ms = body["at_ms"], body["starts_at_ms"]
    products = [one["product_id"] for one in offers]
    if not all(map(is_number, [at_ms, starts_at_ms, *products])):
        raise InvalidMessage("no report of a room: numbers")
    said = [{"kind": EventKind.STATE, "data": {"state": body["state"], "at_ms": at_ms}}]
    said += [{"kind": EventKind.PIN, "data": pin}] if pin else []
    for offer in offers:
        said += _boxes(offer, at_us=at_ms * 1000)
    announcements = _read_list(said)
    return RoomReport(
        at_ms=at_ms,
        state=announcements[0].data["state"],
        starts_at_ms=starts_at_ms,
        rights=_read_data(EventKind.RIGHTS, {**body, "at_us": at_ms * 1000}),
        announcements=tuple(announcements),
        is_unpinned=not pin,
        line_up={
            offer["product_id"]: [box["variant_id"] for box in offer["boxes"]]
            for offer in offers
        },
        chat=tuple(_read_data(EventKind.CHAT, line) for line in body["chat"]),
    )


def is_number(value: Any) -> bool:
    """Whether it is a whole number, not negative, that a browser holds exactly."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and 0 <= value <= LARGEST_NUMBER


def _boxes(offer: dict[str, Any], at_us: int) -> list[dict[str, Any]]:
    same = {"listed": offer["listed"], "at_us": at_us}
    return [
        {"kind": kind, "data": {**box, **same}}
        for box in offer["boxes"]
        for kind in (EventKind.PRICE, EventKind.STOCK)
    ]


def _read_list(said: Any) -> list[Announcement]:
    """The announcements in a list of {"kind", "data"}."""
    if not isinstance(said, list) or len(said) > MOST_AT_ONCE:
        raise InvalidMessage(f"not a list of up to {MOST_AT_ONCE}")
    return [_read(one) for one in said]


def _read(one: Any) -> Announcement:
    kind = one.get("kind") if isinstance(one, dict) else None
    if not isinstance(kind, str) or kind not in SHAPES:
        raise InvalidMessage("an unknown kind")
    return Announcement(EventKind(kind), _read_data(EventKind(kind), one.get("data")))


def _read_data(kind: EventKind, data: Any) -> dict[str, Any]:
    """The fields that this kind has, without what else `data` may hold."""
    shape = SHAPES[kind]
    if not isinstance(data, dict) or not shape.keys() <= data.keys():
        raise InvalidMessage(f"{kind}: needs {', '.join(shape)}")
    for name, is_good in shape.items():
        if not is_good(data[name]):
            raise InvalidMessage(f"{kind}: {name} is not as it should be")
    return {name: data[name] for name in shape}


def _is_number_or_none(value: Any) -> bool:
    return value is None or is_number(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_state(value: Any) -> bool:
    return isinstance(value, str) and value in set(SessionState)


def _is_text(value: Any) -> bool:
    """JSON may hold half a character (a lone surrogate), which no wire carries."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return False
    return value == value.encode(errors="replace").decode()


SHAPES: Mapping[EventKind, Mapping[str, Callable[[Any], bool]]] = {
    EventKind.STATE: {"state": _is_state, "at_ms": is_number},
    EventKind.PIN: {"seq": is_number, "product_id": _is_number_or_none},
    EventKind.PRICE: dict.fromkeys(("variant_id", "price_fen", "at_us"), is_number),
    EventKind.STOCK: dict.fromkeys(("variant_id", "stock", "at_us"), is_number)
    | {"listed": _is_flag},
    EventKind.CHAT: dict.fromkeys(("name", "text", "author"), _is_text)
    | dict.fromkeys(("seq", "at_ms"), is_number),
    EventKind.HIDE: {"seq": is_number},
    EventKind.RIGHTS: {"key": is_number, "runners": _are_texts, "at_us": is_number},
}
