"""A room as the web process tells it at /live/<slug>/state."""

from dataclasses import dataclass
from typing import Any

from media.events.announcements import News, NotNews, is_number, read_news, read_record
from media.events.frames import Kind
from media.events.shelf import LineUp
from media.events.talk import Line


@dataclass(frozen=True)
class WebView:
    """The room in the database at `at_ms`, by the web process's clock.

    key: generation of the stream key.
    news: state, pin, prices and stock, each as it would be announced now.
    is_unpinned: nothing is pinned, and `news` cannot say since when.
    chat: the last lines that are not hidden.
    """

    at_ms: int
    state: str
    starts_at_ms: int
    key: int
    news: tuple[News, ...]
    is_unpinned: bool
    line_up: LineUp
    chat: tuple[Line, ...]


def read_view(body: Any) -> WebView:
    """The view in a JSON object. Raises NotNews for anything else."""
    try:
        return _view(body)
    except (KeyError, TypeError) as error:
        raise NotNews(f"no view of a room: {error}") from None


def _view(body: dict[str, Any]) -> WebView:
    numbers = [body[name] for name in ("at_ms", "starts_at_ms", "key")]
    if not all(is_number(number) for number in numbers):
        raise NotNews("no view of a room: numbers")
    at_ms, starts_at_ms, key = numbers
    pin = body["pin"]
    said = [{"kind": Kind.STATE, "data": {"state": body["state"], "at_ms": at_ms}}]
    said += [{"kind": Kind.PIN, "data": pin}] if pin else []
    for offer in body["offers"]:
        said += _boxes(offer, at_us=at_ms * 1000)
    news = read_news(said)
    return WebView(
        at_ms=at_ms,
        state=news[0].data["state"],
        starts_at_ms=starts_at_ms,
        key=key,
        news=tuple(news),
        is_unpinned=not pin,
        line_up={offer["product_id"]: _ids(offer) for offer in body["offers"]},
        chat=tuple(read_record(Kind.CHAT, line) for line in body["chat"]),
    )


def _boxes(offer: dict[str, Any], at_us: int) -> list[dict[str, Any]]:
    same = {"listed": offer["listed"], "at_us": at_us}
    return [
        {"kind": kind, "data": {**box, **same}}
        for box in offer["boxes"]
        for kind in (Kind.PRICE, Kind.STOCK)
    ]


def _ids(offer: dict[str, Any]) -> list[int]:
    if not is_number(offer["product_id"]):
        raise NotNews("no view of a room: product_id")
    return [box["variant_id"] for box in offer["boxes"]]
