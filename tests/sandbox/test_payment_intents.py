from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.shop import Shop


def intent_of(shop: Shop, **changes: Any) -> Any:
    params: Any = {"amount": 5_000, "currency": "cny", "metadata": {"order": "7"}}
    return shop.api.payment_intents.create(params | changes)


def test_a_card_is_charged_at_once(shop: Shop) -> None:
    intent = intent_of(shop, payment_method="pm_card_visa", confirm=True)

    charge = shop.api.charges.retrieve(intent.latest_charge)
    assert intent.status == "succeeded"
    assert intent.amount_received == 5_000
    assert charge.metadata["order"] == "7"
    assert charge.payment_method_details.type == "card"  # type: ignore[union-attr]


def test_a_declining_card_says_why(shop: Shop) -> None:
    intent = intent_of(shop)

    with pytest.raises(stripe.CardError) as declined:
        shop.api.payment_intents.confirm(
            intent.id,
            {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"},
        )

    assert declined.value.code == "card_declined"
    assert declined.value.error is not None
    assert declined.value.error.decline_code == "insufficient_funds"
    again = shop.api.payment_intents.retrieve(intent.id)
    assert again.status == "requires_payment_method"


@pytest.mark.parametrize("method", ["alipay", "wechat_pay"])
def test_a_wallet_asks_the_buyer_on_a_page(shop: Shop, method: str) -> None:
    intent = intent_of(shop)
    shop.api.payment_intents.confirm(
        intent.id,
        {
            "payment_method_data": {"type": method},
            "return_url": "http://shop.test/back?a=1",
        },
    )
    page = f"{shop.sandbox.base_url}/c/authorize/{intent.id}"

    shown = requests.get(page, timeout=5)
    landed = shop.click(page, method=method)

    assert "¥50.00" in shown.text
    assert landed.startswith("http://shop.test/back?a=1&payment_intent=")
    assert landed.endswith("redirect_status=succeeded")
    assert shop.api.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_wallet_can_be_refused_on_its_page(shop: Shop) -> None:
    intent = intent_of(
        shop,
        confirm=True,
        payment_method="pm_alipay",
        return_url="http://shop.test/back",
    )
    page = intent.next_action.alipay_handle_redirect.url

    landed = shop.click(page, outcome="decline")

    assert landed.endswith("redirect_status=failed")
    again = shop.api.payment_intents.retrieve(intent.id)
    assert again.status == "requires_payment_method"


def test_an_unpaid_intent_can_be_cancelled_and_then_not_paid(shop: Shop) -> None:
    intent = intent_of(shop)

    cancelled = shop.api.payment_intents.cancel(
        intent.id, {"cancellation_reason": "abandoned"}
    )

    assert (cancelled.status, cancelled.cancellation_reason) == (
        "canceled",
        "abandoned",
    )
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_paid_intent_cannot_be_cancelled(shop: Shop) -> None:
    intent = intent_of(shop, payment_method="pm_card_visa", confirm=True)

    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        shop.api.payment_intents.cancel(intent.id)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 100_000_000}, "amount"),
        ({"amount": "12.5"}, "amount"),
        ({"currency": "yuan"}, "currency"),
        ({"capture_method": "manual"}, "capture_method"),
        ({"confirm": "perhaps"}, "confirm"),
        ({"confirm": True}, "payment_method"),
        ({"shipping": {"name": "李"}}, "shipping[address]"),
        ({"customer": "cus_1"}, "customer"),
    ],
)
def test_bad_parameters_are_named(
    shop: Shop, changes: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        intent_of(shop, **changes)

    assert refused.value.param == param


def test_shipping_is_kept(shop: Shop) -> None:
    shipping = {"name": "李", "address": {"city": "济南", "country": "CN"}}

    intent = intent_of(shop, shipping=shipping)

    assert intent.shipping.address.city == "济南"
