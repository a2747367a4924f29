from typing import Any

import pytest
import stripe

from sandbox.resources.balance import format_money, processing_fee
from tests.sandbox.shop import Shop


def sums(shop: Shop) -> tuple[int, int]:
    """Available and pending, in fen."""
    balance = shop.api.balance.retrieve()
    return balance.available[0].amount, balance.pending[0].amount


def test_money_becomes_available_after_the_delay(shop: Shop) -> None:
    shop.paid_session(11_280)
    pending = shop.api.balance.retrieve().pending[0].amount

    shop.sandbox.controls.advance_clock(2 * 86_400)

    assert pending == 10_661
    assert shop.api.balance.retrieve().available[0].amount == 10_661


def test_the_control_releases_the_balance_at_once(shop: Shop) -> None:
    shop.paid_session(11_280)

    shop.sandbox.controls.release_balance()

    transactions = shop.api.balance_transactions.list({"type": "charge"}).data
    assert [each.status for each in transactions] == ["available"]


def test_an_empty_account_has_a_balance_of_nothing(shop: Shop) -> None:
    assert sums(shop) == (0, 0)


def test_the_fee_can_be_set(shop: Shop) -> None:
    shop.sandbox.controls.set(fee_rate_bp=100, fee_fixed=0)

    session = shop.paid_session(10_000)

    assert session.payment_intent.latest_charge.balance_transaction.fee == 100


def test_an_available_balance_can_be_paid_out(shop: Shop) -> None:
    shop.paid_session(11_280)
    shop.sandbox.controls.release_balance()

    payout = shop.api.payouts.create({"amount": 10_661, "currency": "cny"})
    shop.sandbox.controls.advance_clock(86_400)

    assert payout.status == "pending"
    assert shop.api.payouts.retrieve(payout.id).status == "paid"
    assert shop.api.balance.retrieve().available[0].amount == 0


def test_pending_money_cannot_be_paid_out(shop: Shop) -> None:
    shop.paid_session(11_280)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.payouts.create({"amount": 1, "currency": "cny"})

    assert refused.value.code == "balance_insufficient"


def test_a_failed_payout_gives_the_money_back(shop: Shop) -> None:
    shop.paid_session(11_280)
    shop.sandbox.controls.release_balance()
    payout = shop.api.payouts.create({"amount": 1_000, "currency": "cny"})

    shop.sandbox.controls.settle_payout(payout.id, succeeded=False)

    assert shop.api.payouts.list({"status": "failed"}).data[0].id == payout.id
    assert shop.api.balance.retrieve().available[0].amount == 10_661


def test_expanded_sources_are_what_moved_the_money(shop: Shop) -> None:
    session = shop.paid_session()
    shop.refund(session, amount=500)

    listed: Any = shop.api.balance_transactions.list({"expand": ["data.source"]})

    assert [each.source.object for each in listed.data] == ["refund", "charge"]


@pytest.mark.parametrize(
    ("amount", "fee"), [(11_280, 619), (0, 235), (1, 235), (15, 236), (10_000, 575)]
)
def test_fees_round_half_up(amount: int, fee: int) -> None:
    assert processing_fee(amount, rate_bp=340, fixed=235) == fee


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (11_280, "cny", "¥112.80"),
        (5, "hkd", "HK$0.05"),
        (1_234_567, "usd", "$12,345.67"),
        (-301, "cny", "-¥3.01"),
        (500, "jpy", "¥500"),
        (500, "thb", "THB 5.00"),
    ],
)
def test_money_is_written_for_people(amount: int, currency: str, text: str) -> None:
    assert format_money(amount, currency) == text
