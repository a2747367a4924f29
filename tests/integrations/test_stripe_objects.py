"""Stripe's objects in the shop's words."""

from typing import Any

import pytest
import stripe

from integrations.stripe_objects import read_refund, read_session


def session(**balance: Any) -> stripe.checkout.Session:
    """A paid session whose balance transaction says `balance`."""
    charge = {"id": "ch_1", "balance_transaction": {"currency": "cny"} | balance}
    return stripe.checkout.Session.construct_from(
        {
            "id": "cs_1",
            "client_reference_id": "TB-1",
            "url": None,
            "status": "complete",
            "payment_status": "paid",
            "amount_total": 11_280,
            "currency": "cny",
            "expires_at": 1_800_000_000,
            "payment_intent": {"id": "pi_1", "latest_charge": charge},
        },
        "sk_test_1",
    )


def test_a_paid_session_tells_charge_fee_and_release() -> None:
    found = read_session(session(fee=619, status="available", available_on=1))

    assert found.snapshot.is_paid
    assert (found.intent_id, found.charge_id) == ("pi_1", "ch_1")
    assert (found.fee_fen, found.is_available) == (619, True)


def test_a_fee_in_the_accounts_currency_is_put_back_into_the_orders() -> None:
    """A Hong Kong account settles a payment in yuan in its own dollars."""
    found = read_session(session(fee=672, currency="hkd", exchange_rate=1.0856))
    assert found.fee_fen == 619


def test_without_a_balance_transaction_the_fee_is_not_known() -> None:
    bare = session()
    bare.payment_intent.latest_charge.balance_transaction = "txn_1"  # type: ignore[union-attr]
    assert read_session(bare).fee_fen is None


@pytest.mark.parametrize(
    ("stripes", "ours"),
    [
        ("succeeded", "succeeded"),
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("failed", "failed"),
        ("canceled", "failed"),
        (None, "pending"),
        ("a new one", "pending"),
    ],
)
def test_refund_states_of_stripe(stripes: str | None, ours: str) -> None:
    refund = stripe.Refund.construct_from(
        {"id": "re_1", "status": stripes}, "sk_test_1"
    )
    assert read_refund(refund).status == ours
