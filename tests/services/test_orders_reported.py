"""What the income report says of odd orders is what the ledger holds, to the fen."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from core import clock
from core.access import HOUSE
from core.database import transaction
from domain.orders.states import PaymentMethod, RefundBearer, ShipmentState
from domain.periods import Period
from queries.income.figures import Sums
from queries.income.report import income_report
from queries.income.scope import IncomeScope, Narrowing
from services.orders.cancelling import cancel, fail_parcel
from services.orders.drafts import PlacedOrder, RefundDraft
from services.orders.fulfilling import accept_cash_order, confirm_delivery, pack, ship
from services.orders.offline import record_remittance
from services.orders.refund_rules import everything_left
from services.orders.refunding import grant_refund
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    box_refund,
    coop_balances,
    new_request,
    order_of,
)
from tests.support.factories import Goods, Person, Place, actor_of

EVER = Period(date(2000, 1, 1), date(2099, 12, 31))


@pytest.fixture
def order(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    """Three boxes, paid by card: ¥89.70 and ¥11.00 freight."""
    return counter.sell(charlie, goods, quantity=3)


@pytest.fixture
def send(alice: Person) -> Callable[[PlacedOrder], None]:
    def act(order: PlacedOrder) -> None:
        with transaction():
            pack(actor_of(alice), order.order_id)
            ship(actor_of(alice), order.order_id, carrier="顺丰", tracking_number="SF1")

    return act


def deliver(order: PlacedOrder) -> None:
    with transaction():
        confirm_delivery(HOUSE, order.order_id)


def grant(order: PlacedOrder, draft: RefundDraft) -> None:
    with transaction():
        grant_refund(HOUSE, order.order_id, draft)


def whole(order: PlacedOrder) -> RefundDraft:
    return everything_left(order_of(order), new_request(), "不要了")


def freight_only(order: PlacedOrder, fen: int) -> RefundDraft:
    return RefundDraft(new_request(), [], fen, "运费算多了")


def reported(period: Period = EVER) -> Sums:
    return income_report(period, Narrowing(IncomeScope(HOUSE))).totals


def assert_report_is_the_ledger(cooperative_id: int) -> Sums:
    """Every figure of money is what the cooperative's accounts hold."""
    sums, held = reported(), coop_balances(cooperative_id)

    def owed(*kinds: str) -> int:
        return -sum(fen for name, fen in held.items() if name.startswith(kinds))

    assert sums.parties_fen == sums.net_fen
    assert sums.psp_fee_fen == held.get("psp_fee", 0)
    assert sums.freight_fen == owed("freight_payable")
    assert sums.compensation_fen == -owed("claim:")
    assert sums.member_fen == owed("member")
    assert sums.village_operating_fen == owed("village:")
    assert sums.host_fen == owed("host:")
    assert sums.platform_fen == owed("platform")
    assert sums.coop_fen == owed("reserve", "psp_fee")
    assert_books_are_right()
    return sums


def test_all_given_back_on_the_way(
    counter: Counter,
    order: PlacedOrder,
    place: Place,
    send: Callable[[PlacedOrder], None],
) -> None:
    """Nothing is left to divide at the door, and yet the fee was charged."""
    send(order)
    grant(order, whole(order))
    deliver(order)
    counter.work()
    with counter.later(timedelta(days=8)):
        counter.work()

    assert order_of(order).state == "completed"
    sums = assert_report_is_the_ledger(place.cooperative_id)
    assert sums.psp_fee_fen > 0
    assert (sums.gross_fen, sums.weight_g, sums.orders) == (0, 0, 0)


@pytest.mark.parametrize("first_delivered", [False, True])
def test_only_freight_given_back(
    order: PlacedOrder,
    place: Place,
    send: Callable[[PlacedOrder], None],
    first_delivered: bool,
) -> None:
    send(order)
    if first_delivered:
        deliver(order)
        grant(order, freight_only(order, 401))
    else:
        grant(order, freight_only(order, 401))
        deliver(order)

    sums = assert_report_is_the_ledger(place.cooperative_id)
    assert (sums.freight_fen, sums.refunds_fen, sums.gross_fen) == (699, 0, 8_970)


def test_all_given_back_after_delivery(
    order: PlacedOrder, place: Place, send: Callable[[PlacedOrder], None]
) -> None:
    send(order)
    deliver(order)
    grant(order, box_refund(order, 1, goods_fen=1))
    grant(order, whole(order))

    sums = assert_report_is_the_ledger(place.cooperative_id)
    assert (sums.net_fen, sums.freight_fen, sums.weight_g) == (0, 0, 0)


def test_all_paid_for_by_the_carrier(
    order: PlacedOrder, place: Place, send: Callable[[PlacedOrder], None]
) -> None:
    send(order)
    deliver(order)
    draft = everything_left(order_of(order), new_request(), "压烂了")
    grant(
        order,
        RefundDraft(
            draft.request_id,
            draft.lines,
            draft.freight_fen,
            draft.reason,
            RefundBearer.CARRIER,
        ),
    )

    sums = assert_report_is_the_ledger(place.cooperative_id)
    assert (sums.net_fen, sums.compensation_fen) == (8_970, 10_070)


@pytest.mark.parametrize("is_sent", [False, True])
def test_called_off_or_refused(
    order: PlacedOrder,
    place: Place,
    send: Callable[[PlacedOrder], None],
    is_sent: bool,
) -> None:
    if is_sent:
        send(order)
        with transaction():
            fail_parcel(
                HOUSE, order.order_id, outcome=ShipmentState.RETURNED, reason="拒收"
            )
    else:
        with transaction():
            cancel(HOUSE, order.order_id, reason="不要了")

    sums = assert_report_is_the_ledger(place.cooperative_id)
    assert sums.net_fen == 0 < sums.psp_fee_fen


def test_cash_refunded_before_it_is_remitted(
    counter: Counter,
    charlie: Person,
    goods: Goods,
    place: Place,
    send: Callable[[PlacedOrder], None],
) -> None:
    order = counter.place(charlie, goods, 3, method=PaymentMethod.CASH_ON_DELIVERY)
    with transaction():
        accept_cash_order(HOUSE, order.order_id)
    send(order)
    deliver(order)
    grant(order, whole(order))
    with transaction():
        record_remittance(HOUSE, order.order_id, reference="R1", fee_fen=333)

    sums = assert_report_is_the_ledger(place.cooperative_id)
    assert (sums.net_fen, sums.psp_fee_fen) == (0, 333)


def test_the_last_second_of_a_month_is_shanghais(
    order: PlacedOrder, place: Place, send: Callable[[PlacedOrder], None]
) -> None:
    """The month ends at four in the afternoon of Greenwich."""
    send(order)
    with clock.at(datetime(2099, 3, 31, 15, 59, 59, tzinfo=UTC)):
        deliver(order)
    with clock.at(datetime(2099, 3, 31, 16, 0, tzinfo=UTC)):
        grant(order, box_refund(order, 1))

    march = Period(date(2099, 3, 1), date(2099, 3, 31))
    april = Period(date(2099, 4, 1), date(2099, 4, 30))
    assert (reported(march).gross_fen, reported(march).refunds_fen) == (8_970, 0)
    assert (reported(april).gross_fen, reported(april).refunds_fen) == (0, 2_990)
    assert_report_is_the_ledger(place.cooperative_id)
