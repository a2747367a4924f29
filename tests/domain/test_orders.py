"""Orders: the moves that exist, and what a payment session still asks for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders.refunds import left_to_refund_fen
from domain.orders.sessions import SessionSnapshot, SessionStep, decide_session
from domain.orders.states import (
    ORDER,
    PAYMENT,
    REFUND,
    SHIPMENT,
    OrderMoved,
    OrderState,
    PaymentState,
    RefundState,
    ShipmentState,
    check_transition,
)

PAID = SessionSnapshot("complete", "paid", 11_280)
OPEN = SessionSnapshot("open", "unpaid", 11_280)
EXPIRED = SessionSnapshot("expired", "unpaid", 11_280)

order_states = st.sampled_from(OrderState)
payment_states = st.sampled_from(PaymentState)
snapshots = st.builds(
    SessionSnapshot,
    st.sampled_from(["open", "complete", "expired"]),
    st.sampled_from(["unpaid", "paid"]),
    st.sampled_from([11_280, 11_279, 0]),
    st.sampled_from(["cny", "usd"]),
)


def decide(order: str, payment: str, snapshot: SessionSnapshot) -> SessionStep:
    return decide_session(order, payment, snapshot, due_fen=11_280)


@pytest.mark.parametrize(
    "path",
    [
        "placed paid packed shipped delivered completed",
        "placed accepted packed shipped delivered completed",
        "placed expired",
        "placed cancelled",
        "placed paid cancelled",
        "placed accepted packed shipped cancelled",
    ],
)
def test_the_ways_an_order_may_go(path: str) -> None:
    states = path.split()
    for current, wanted in pairwise(states):
        check_transition(current, wanted)


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        ("placed", "packed"),
        ("placed", "delivered"),
        ("expired", "paid"),
        ("cancelled", "paid"),
        ("delivered", "cancelled"),
        ("completed", "placed"),
        ("paid", "paid"),
        ("nonsense", "paid"),
    ],
)
def test_the_ways_an_order_may_not_go(current: str, wanted: str) -> None:
    with pytest.raises(OrderMoved) as refused:
        check_transition(current, wanted)
    assert refused.value.status == 409
    assert refused.value.params == {"current": current, "wanted": wanted}


@pytest.mark.parametrize(
    ("machine", "states"),
    [
        (ORDER, OrderState),
        (PAYMENT, PaymentState),
        (REFUND, RefundState),
        (SHIPMENT, ShipmentState),
    ],
)
def test_a_machine_knows_exactly_its_states(machine, states) -> None:  # type: ignore[no-untyped-def]
    reached = set().union(*machine.moves.values())
    assert set(machine.moves) == set(states) >= reached


def test_which_state_is_the_last() -> None:
    assert ORDER.is_final("completed")
    assert not ORDER.is_final("paid")


@pytest.mark.parametrize(
    ("order", "payment", "snapshot", "step"),
    [
        ("placed", "pending", OPEN, "nothing"),
        ("placed", "pending", SessionSnapshot("complete", "unpaid", 11_280), "nothing"),
        ("placed", "pending", PAID, "mark_paid"),
        ("placed", "created", PAID, "mark_paid"),
        ("placed", "failed", PAID, "mark_paid"),
        ("paid", "paid", PAID, "nothing"),
        ("shipped", "paid", PAID, "nothing"),
        ("placed", "pending", EXPIRED, "release"),
        ("placed", "failed", EXPIRED, "release"),
        ("cancelled", "pending", EXPIRED, "release"),
        ("expired", "expired", EXPIRED, "nothing"),
        ("expired", "expired", PAID, "refund_late"),
        ("cancelled", "pending", PAID, "refund_late"),
        ("paid", "pending", PAID, "refund_late"),
        ("expired", "late", PAID, "nothing"),
        ("expired", "refunded_late", PAID, "nothing"),
        ("placed", "pending", SessionSnapshot("complete", "paid", 1), "park"),
        ("expired", "expired", SessionSnapshot("complete", "paid", 1), "park"),
        (
            "placed",
            "pending",
            SessionSnapshot("complete", "paid", 11_280, "usd"),
            "park",
        ),
        ("placed", "parked", PAID, "nothing"),
    ],
)
def test_what_a_session_asks_for(
    order: str, payment: str, snapshot: SessionSnapshot, step: str
) -> None:
    assert decide(order, payment, snapshot) == step


AFTER = {
    SessionStep.MARK_PAID: (OrderState.PAID, PaymentState.PAID),
    SessionStep.REFUND_LATE: (None, PaymentState.LATE),
    SessionStep.PARK: (None, PaymentState.PARKED),
    SessionStep.RELEASE: (OrderState.EXPIRED, PaymentState.EXPIRED),
}


@given(order_states, payment_states, snapshots)
def test_a_step_done_is_never_asked_for_again(
    order: OrderState, payment: PaymentState, snapshot: SessionSnapshot
) -> None:
    step = decide(order, payment, snapshot)
    if step is SessionStep.NOTHING:
        return
    next_order, next_payment = AFTER[step]
    assert PAYMENT.allows(payment, next_payment)
    if step is SessionStep.RELEASE and order is not OrderState.PLACED:
        next_order = None
    if next_order:
        check_transition(order, next_order)
    assert decide(next_order or order, next_payment, snapshot) is SessionStep.NOTHING


@given(order_states, payment_states, snapshots)
def test_only_the_right_amount_makes_an_order_paid(
    order: OrderState, payment: PaymentState, snapshot: SessionSnapshot
) -> None:
    if decide(order, payment, snapshot) is SessionStep.MARK_PAID:
        assert order is OrderState.PLACED
        assert snapshot == SessionSnapshot(snapshot.status, "paid", 11_280, "cny")


@given(
    st.integers(0, 10**9),
    st.lists(st.tuples(st.sampled_from(RefundState), st.integers(1, 10**9))),
)
def test_the_cap_of_refunds_counts_all_but_the_refused(
    paid_fen: int, refunds: list[tuple[RefundState, int]]
) -> None:
    left = left_to_refund_fen(paid_fen, refunds)
    gone = sum(fen for state, fen in refunds if state != "rejected")
    assert left == max(0, paid_fen - gone)
