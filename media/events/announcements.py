"""What the web process may announce to a room, checked before anyone hears it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from domain.live import SessionState
from media.events.frames import Kind

MOST_AT_ONCE = 1_000
LONGEST_TEXT = 2_000
LARGEST_NUMBER = 2**53 - 1
"""What a browser's numbers hold exactly."""


class News(NamedTuple):
    """One thing that happened in a room; `data` as a reader gets it."""

    kind: Kind
    data: dict[str, Any]


class NotNews(ValueError):
    """A body that holds something else than announcements."""


def parse_news(body: str | bytes) -> list[News]:
    """The announcements in a JSON text, all of them good. Raises NotNews."""
    return read_news(parse_json(body))


def parse_json(body: str | bytes) -> Any:
    """What a JSON text says. Raises NotNews when it is none, or too deep."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotNews("not JSON") from None


def read_news(said: Any) -> list[News]:
    """The announcements in a list of {"kind", "data"}. Raises NotNews."""
    if not isinstance(said, list) or len(said) > MOST_AT_ONCE:
        raise NotNews(f"not a list of up to {MOST_AT_ONCE}")
    return [_read(one) for one in said]


def read_record(kind: Kind, data: Any) -> dict[str, Any]:
    """The fields of one kind of news, without what else `data` may hold.

    Raises NotNews.
    """
    shape = SHAPES[kind]
    if not isinstance(data, dict) or not shape.keys() <= data.keys():
        raise NotNews(f"{kind}: needs {', '.join(shape)}")
    for name, is_good in shape.items():
        if not is_good(data[name]):
            raise NotNews(f"{kind}: {name} is not as it should be")
    return {name: data[name] for name in shape}


def is_number(value: Any) -> bool:
    """Whether it is a whole number, not negative, that a browser holds exactly."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and 0 <= value <= LARGEST_NUMBER


def _read(one: Any) -> News:
    kind = one.get("kind") if isinstance(one, dict) else None
    if not isinstance(kind, str) or kind not in SHAPES:
        raise NotNews("an unknown kind")
    return News(Kind(kind), read_record(Kind(kind), one.get("data")))


def _is_number_or_none(value: Any) -> bool:
    return value is None or is_number(value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_state(value: Any) -> bool:
    return isinstance(value, str) and value in set(SessionState)


def _is_text(value: Any) -> bool:
    """JSON may hold half a character (a lone surrogate), which no wire carries."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return False
    return value == value.encode(errors="replace").decode()


Shape = Mapping[str, Callable[[Any], bool]]

SHAPES: Mapping[Kind, Shape] = {
    Kind.STATE: {"state": _is_state, "at_ms": is_number},
    Kind.PIN: {"seq": is_number, "product_id": _is_number_or_none},
    Kind.PRICE: {"variant_id": is_number, "price_fen": is_number, "at_us": is_number},
    Kind.STOCK: {
        "variant_id": is_number,
        "stock": is_number,
        "listed": _is_flag,
        "at_us": is_number,
    },
    Kind.CHAT: {
        "seq": is_number,
        "name": _is_text,
        "text": _is_text,
        "at_ms": is_number,
        "author": _is_text,
    },
    Kind.HIDE: {"seq": is_number},
}
