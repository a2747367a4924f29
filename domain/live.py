"""Live sessions: where they take place, their timeline, and what it adds up to."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from core.errors import N_, Conflict, Forbidden, Invalid
from domain.states import Labelled, StateMachine, moves

MAX_LINK = 500
JUST_NOW = timedelta(minutes=10)

_LINK = re.compile(r"https://[A-Za-z0-9.-]+(?:[/?#][!-\[\]-~]*)?")


class NotTheHost(Forbidden):
    """Only the host and the alliance's lead run a session."""

    code = "not_the_host"
    message = N_("这场直播由主播和联盟负责人操作，您可以看，不能改。")


class SessionMoved(Conflict):
    """The session is no longer in a state that allows this."""

    code = "session_moved"
    message = N_("这场直播的状态已经变了，请刷新页面再看。")


class SessionOver(Conflict):
    """Nothing can be pinned after the end."""

    code = "session_over"
    message = N_("这场直播已经结束，不能再讲解了。")


class NotInLineUp(Invalid):
    """Only what the line-up holds can be pinned."""

    code = "not_in_line_up"
    message = N_("这件农货不在本场清单里，请先加进清单。")


class RoomLinkWrong(Invalid):
    """The link does not lead to the platform of the session."""

    code = "room_link_wrong"
    field = "room_url"
    message = N_("链接要以 https:// 开头，并且是%(hosts)s的网址。")


class RoomLinkNotNeeded(Invalid):
    """Our own room has its page here and needs no link."""

    code = "room_link_not_needed"
    field = "room_url"
    message = N_("在本站直播不用填链接，请把链接删掉。")


class StartsInThePast(Invalid):
    """Viewers would read of a time that is over."""

    code = "starts_in_the_past"
    field = "starts_on"
    message = N_("这个开播时间已经过了，请改成还没到的时间。")


class Platform(Labelled):
    """Where a session takes place: our own room or an outside platform."""

    ROOM = "room", N_("本站直播间")
    DOUYIN = "douyin", N_("抖音")
    KUAISHOU = "kuaishou", N_("快手")
    TAOBAO = "taobao", N_("淘宝直播")
    WECHAT_CHANNELS = "wechat_channels", N_("微信视频号")


LINK_HOSTS: dict[Platform, tuple[str, ...]] = {
    Platform.DOUYIN: ("douyin.com", "iesdouyin.com"),
    Platform.KUAISHOU: ("kuaishou.com", "gifshow.com"),
    Platform.TAOBAO: ("taobao.com", "tb.cn", "tmall.com"),
    Platform.WECHAT_CHANNELS: ("weixin.qq.com",),
}
"""The platforms' own hosts; their subdomains count too."""


class SessionState(Labelled):
    """Where a session stands."""

    PLANNED = "planned", N_("预告"), "ginger"
    LIVE = "live", N_("直播中")
    ENDED = "ended", N_("已结束"), "leaf"
    CANCELLED = "cancelled", N_("已取消")


SESSION = StateMachine(
    moves(planned="live cancelled", live="ended", ended="", cancelled=""),
    SessionMoved,
)


class EventKind(StrEnum):
    """What may stand in a session's timeline.

    PRICE, STOCK: set by somebody while the product is offered; what sales take is in
    their orders. COUPON: for when there are any.
    """

    GO_LIVE = "go_live"
    PIN = "pin"
    UNPIN = "unpin"
    PRICE = "price"
    STOCK = "stock"
    COUPON = "coupon"
    MESSAGE = "message"
    HIDE = "hide"
    MUTE = "mute"
    UNMUTE = "unmute"
    KEY = "key"
    END = "end"
    CANCEL = "cancel"


SHAPING = frozenset(
    {
        EventKind.GO_LIVE,
        EventKind.PIN,
        EventKind.UNPIN,
        EventKind.END,
        EventKind.CANCEL,
    }
)
"""The kinds that `fold` heeds: few, however much is said in a room."""


@dataclass(frozen=True)
class Event:
    """One line of a timeline; `seq` orders it within its session."""

    seq: int
    kind: str
    product_id: int | None = None


@dataclass(frozen=True)
class RoomView:
    """What the timeline adds up to.

    pin_seq: the event that pinned `pinned_product_id`.
    """

    state: SessionState = SessionState.PLANNED
    pinned_product_id: int | None = None
    pin_seq: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether the session ended or was cancelled."""
        return SESSION.is_final(self.state)


def fold(events: Iterable[Event]) -> RoomView:
    """The room after its events, in the order of their numbers.

    Events that make no sense where they stand, such as a pin after the end,
    change nothing.
    """
    view = RoomView()
    for event in sorted(events, key=lambda event: event.seq):
        view = _after(view, event)
    return view


def _after(view: RoomView, event: Event) -> RoomView:
    match event.kind:
        case EventKind.GO_LIVE if view.state is SessionState.PLANNED:
            return replace(view, state=SessionState.LIVE)
        case EventKind.END if view.state is SessionState.LIVE:
            return RoomView(SessionState.ENDED)
        case EventKind.CANCEL if view.state is SessionState.PLANNED:
            return RoomView(SessionState.CANCELLED)
        case EventKind.PIN if event.product_id is not None and not view.is_over:
            return replace(view, pinned_product_id=event.product_id, pin_seq=event.seq)
        case EventKind.UNPIN:
            return replace(view, pinned_product_id=None, pin_seq=None)
    return view


def check_transition(current: str, wanted: str) -> None:
    """Raise SessionMoved unless a session may go from `current` to `wanted`."""
    SESSION.check(current, wanted)


def check_not_over(state: str) -> None:
    """Raise SessionMoved once a session has ended or was cancelled."""
    if SESSION.is_final(state):
        raise SessionMoved


def check_pin(state: str, product_id: int, line_up: Collection[int]) -> None:
    """Raise SessionOver or NotInLineUp unless the product may be pinned now.

    line_up: the ids of the session's products.
    """
    if SESSION.is_final(state):
        raise SessionOver
    if product_id not in line_up:
        raise NotInLineUp


def check_start(starts_at: datetime, now: datetime) -> None:
    """Raise StartsInThePast, unless the time has come only just now."""
    if starts_at < now - JUST_NOW:
        raise StartsInThePast


def check_room_link(platform: Platform, link: str) -> None:
    """Raise unless `link` leads to the platform over https.

    Our own room takes an empty link only (RoomLinkNotNeeded); a platform takes its
    own hosts only (RoomLinkWrong), so that nobody is sent elsewhere from here.
    """
    hosts = LINK_HOSTS.get(platform)
    if hosts is None:
        if link:
            raise RoomLinkNotNeeded
        return
    if len(link) > MAX_LINK or not _LINK.fullmatch(link):
        raise RoomLinkWrong(hosts=" / ".join(hosts))
    host = (urlsplit(link).hostname or "").lower()
    if not any(host == known or host.endswith(f".{known}") for known in hosts):
        raise RoomLinkWrong(hosts=" / ".join(hosts))
