"""What waits for each role, where it is done, and until when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias

from flask import url_for

from core.clock import today
from core.database import AnyRow
from core.errors import N_
from domain.orders.holds import HELD_FOR
from domain.orders.states import PaymentMethod
from domain.roles import Role
from queries import desk
from queries.desk import Work
from queries.orders.packing import Queue

AT_ONCE = timedelta(0)
Link: TypeAlias = tuple[str, Callable[[], str]]


@dataclass(frozen=True)
class Wait:
    """One kind of work.

    endpoint, args: the list where it is done. one: the page of a single one, and what
    its address calls the key. within: how long after `at` it must be done; None where
    nothing was promised and `at` is only since when it waits.
    """

    what: str
    work: Work
    endpoint: str
    args: Mapping[str, Any] = field(default_factory=dict)
    one: tuple[str, str] | None = None
    within: timedelta | None = None


@dataclass(frozen=True)
class Desk:
    """What a role finds: what it does, what it only sees, and where else it looks.

    to_session: the address of a session of today, for who has to do with sessions.
    """

    waits: tuple[Wait, ...] = ()
    watches: tuple[Wait, ...] = ()
    links: tuple[Link, ...] = ()
    to_session: Callable[[AnyRow], str] | None = None


def _link(what: str, endpoint: str) -> Link:
    return what, partial(url_for, endpoint)


def _income_of_month() -> str:
    days: dict[str, Any] = {
        "from": today().replace(day=1).isoformat(),
        "to": today().isoformat(),
    }
    return url_for("income.report", **days)


def _console(session: AnyRow) -> str:
    return url_for("live.console", session_id=session.id)


def _in_the_shop(session: AnyRow) -> str:
    return url_for("live.show", slug=session.slug)


def _packets(what: str, queue: Queue, within: timedelta | None = None) -> Wait:
    args = {"queue": queue.value}
    return Wait(what, desk.packets(queue), "orders.shipping", args, within=within)


ORDER, REFUND = ("orders.desk_order", "number"), ("orders.refund", "refund_id")
LISTING = ("catalogue.listing", "listing_id")
ATTENTION = "orders.needs_attention"
PACKING = (
    _packets(
        N_("货到付款的单，接不接"),
        Queue.ACCEPT,
        HELD_FOR[PaymentMethod.CASH_ON_DELIVERY],
    ),
    _packets(N_("要打包的单"), Queue.PACK),
    _packets(N_("打好包、要寄出的单"), Queue.SHIP),
)
MONEY = (
    Wait(
        N_("要决定的退款"),
        desk.refunds_asked,
        "orders.refunds",
        {"tab": "open"},
        REFUND,
    ),
    Wait(N_("没退成或要转账的退款"), desk.refunds_stuck, ATTENTION, one=REFUND),
    Wait(N_("金额不对的付款"), desk.payments_parked, ATTENTION, one=ORDER),
    Wait(N_("系统没办成、要再试的事"), desk.jobs_parked, ATTENTION),
    Wait(
        N_("等到账的转账"),
        desk.transfers,
        "orders.desk",
        {"state": "placed", "method": PaymentMethod.BANK_TRANSFER.value},
        ORDER,
        AT_ONCE,
    ),
)
UNCERTIFIED = Wait(
    N_("还没有主播证的成员"),
    desk.members_uncertified,
    "training.members",
    one=("training.member", "account_id"),
)
INVITED = Wait(
    N_("还没答复的邀请"), desk.invitations_open, "register.invitations", within=AT_ONCE
)
TO_SECOND = Wait(
    N_("要您同意的邀请"),
    desk.invitations_to_second,
    "register.invitations",
    one=("register.invitation", "invitation_id"),
    within=AT_ONCE,
)
TRAINING = _link(N_("培训登记"), "training.records")
OFFICER = Desk(
    (UNCERTIFIED,),
    watches=(INVITED,),
    links=(TRAINING,),
    to_session=_in_the_shop,
)
BOOKS = (
    _link(N_("收入报表"), "income.report"),
    _link(N_("订单收款"), "orders.desk"),
    _link(N_("退款"), "orders.refunds"),
)
DESKS: Mapping[Role, Desk] = {
    Role.MEMBER: Desk(
        (
            Wait(
                N_("退回来要改的商品"),
                desk.listings_sent_back,
                "catalogue.listings",
                {"state": "rejected"},
                LISTING,
            ),
            *PACKING,
        ),
        to_session=_console,
    ),
    Role.LEAD: Desk(
        (
            Wait(
                N_("要审的商品"),
                desk.listings_to_review,
                "catalogue.listings",
                {"state": "submitted"},
                LISTING,
            ),
            Wait(
                N_("还没排商品的直播"),
                desk.sessions_without_goods,
                "live.sessions",
                {"state": "planned"},
                ("live.edit_session", "session_id"),
                AT_ONCE,
            ),
        ),
        watches=(*PACKING, INVITED),
        to_session=_console,
    ),
    Role.ACCOUNTANT: Desk(MONEY, watches=PACKING),
    Role.CHAIR: Desk(watches=(*MONEY, INVITED), links=BOOKS),
    Role.SECRETARY: Desk(links=((N_("本月村集体收入"), _income_of_month),)),
    Role.TRAINER: Desk(
        (
            Wait(
                N_("没办完的培训记录"),
                desk.records_open,
                "training.records",
                one=("training.record", "record_id"),
            ),
        )
    ),
    Role.TOWN_OFFICER: OFFICER,
    Role.DISTRICT_OFFICER: replace(OFFICER, waits=(TO_SECOND, UNCERTIFIED)),
    Role.AUDITOR: Desk(links=(*BOOKS, _link(N_("要人处理"), ATTENTION), TRAINING)),
}
