import pytest
import stripe

from tests.sandbox.shop import Shop


def test_a_cards_refund_succeeds_at_once(shop: Shop) -> None:
    session = shop.paid_session()

    refund = shop.refund(session)

    charge = shop.api.charges.retrieve(
        session.payment_intent.latest_charge.id, {"expand": ["refunds"]}
    )
    assert (refund.status, refund.amount) == ("succeeded", 11_280)
    assert (charge.refunded, charge.amount_refunded) == (True, 11_280)
    assert [found.id for found in charge.refunds.data] == [refund.id]  # type: ignore[union-attr]


@pytest.mark.parametrize("method", ["alipay", "wechat_pay"])
def test_a_wallets_refund_settles_after_the_delay(shop: Shop, method: str) -> None:
    shop.sandbox.controls.set(refund_delay_s=60)
    refund = shop.refund(shop.paid_session(method=method), amount=1_000)
    assert (refund.status, refund.pending_reason) == ("pending", "processing")

    shop.sandbox.controls.advance_clock(60)

    assert shop.api.refunds.retrieve(refund.id).status == "succeeded"


def test_a_failed_refund_gives_the_money_back(shop: Shop) -> None:
    session = shop.paid_session(method="alipay")
    refund = shop.refund(session, amount=1_000)

    shop.sandbox.controls.settle_refund(refund.id, succeeded=False)

    failed = shop.api.refunds.retrieve(refund.id)
    charge = shop.api.charges.retrieve(session.payment_intent.latest_charge.id)
    moved = shop.api.balance_transactions.list({"source": refund.id}).data
    assert (failed.status, charge.amount_refunded) == ("failed", 0)
    assert failed.failure_balance_transaction in {each.id for each in moved}
    assert sum(each.net for each in moved) == 0


def test_pending_refunds_count_against_the_cap(shop: Shop) -> None:
    session = shop.paid_session(1_000, method="alipay")
    shop.refund(session, amount=700)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.refund(session, amount=301)

    assert str(refused.value.user_message) == (
        "Refund amount (¥3.01) is greater than unrefunded amount on charge (¥3.00)"
    )


def test_a_charge_is_refunded_once(shop: Shop) -> None:
    session = shop.paid_session()
    shop.refund(session)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.refund(session)

    assert refused.value.code == "charge_already_refunded"


def test_several_partial_refunds_add_up(shop: Shop) -> None:
    session = shop.paid_session(1_000)

    for amount in (300, 300, 400):
        shop.refund(session, amount=amount, reason="requested_by_customer")

    found = shop.api.refunds.list({"payment_intent": session.payment_intent.id}).data
    assert sorted(refund.amount for refund in found) == [300, 300, 400]


def test_an_unpaid_intent_has_nothing_to_refund(shop: Shop) -> None:
    intent = shop.api.payment_intents.create({"amount": 500, "currency": "cny"})

    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        shop.api.refunds.create({"payment_intent": intent.id})


@pytest.mark.parametrize(("method", "days"), [("alipay", 90), ("wechat_pay", 180)])
def test_wallets_refund_for_a_limited_time(shop: Shop, method: str, days: int) -> None:
    session = shop.paid_session(method=method)
    shop.sandbox.controls.advance_clock(days * 86_400 + 1)

    with pytest.raises(stripe.InvalidRequestError, match=f"{days} days"):
        shop.refund(session)


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_is_more_than_nothing(shop: Shop, amount: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.refund(shop.paid_session(), amount=amount)

    assert refused.value.param == "amount"


def test_a_refund_names_its_payment(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.refunds.create({"amount": 5})

    assert refused.value.code == "parameter_missing"
