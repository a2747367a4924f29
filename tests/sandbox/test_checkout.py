from typing import Any

import pytest
import stripe

from tests.sandbox.shop import Shop, order


def test_a_session_knows_its_total_and_its_page(shop: Shop) -> None:
    session = shop.session(5_040)

    assert session.amount_total == 5_040
    assert session.status == "open"
    assert session.payment_status == "unpaid"
    assert session.payment_intent is None
    assert session.url == f"{shop.sandbox.base_url}/c/pay/{session.id}"


def test_line_items_come_when_expanded(shop: Shop) -> None:
    session = shop.api.checkout.sessions.retrieve(
        shop.session().id, {"expand": ["line_items"]}
    )

    assert session.line_items is not None
    assert [item.description for item in session.line_items.data] == ["蜜薯 5 斤"]


def test_a_paid_session_has_an_intent_a_charge_and_a_fee(shop: Shop) -> None:
    session = shop.paid_session(11_280)

    charge = session.payment_intent.latest_charge
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert session.payment_intent.metadata["order"] == "1"
    assert charge.amount == 11_280
    assert charge.balance_transaction.fee == 619
    assert charge.balance_transaction.net == 11_280 - 619


def test_a_wallets_charge_is_called_a_payment(shop: Shop) -> None:
    session = shop.paid_session(method="wechat_pay")

    charge = session.payment_intent.latest_charge
    assert charge.id.startswith("py_")
    assert charge.balance_transaction.type == "payment"


def test_a_declined_attempt_leaves_the_session_open(shop: Shop) -> None:
    session = shop.session()

    shop.sandbox.controls.decline_session(session.id, method="card")

    again = shop.api.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    assert again.status == "open"
    assert isinstance(again.payment_intent, stripe.PaymentIntent)
    assert again.payment_intent.status == "requires_payment_method"
    assert again.payment_intent.latest_charge.status == "failed"  # type: ignore[union-attr]


def test_an_open_session_can_be_expired_once(shop: Shop) -> None:
    session = shop.session()
    shop.sandbox.controls.decline_session(session.id)

    expired = shop.api.checkout.sessions.expire(
        session.id, {"expand": ["payment_intent"]}
    )

    assert (expired.status, expired.url) == ("expired", None)
    assert expired.payment_intent.status == "canceled"  # type: ignore[union-attr]
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        shop.api.checkout.sessions.expire(session.id)


def test_a_session_expires_by_the_sandboxs_clock(shop: Shop) -> None:
    now = shop.sandbox.world.clock.now()
    session = shop.session(expires_at=now + 1_800)

    shop.sandbox.controls.advance_clock(1_800)

    assert shop.api.checkout.sessions.retrieve(session.id).status == "expired"


def test_a_paid_session_does_not_expire(shop: Shop) -> None:
    session = shop.paid_session()

    shop.sandbox.controls.advance_clock(2 * 86_400)

    assert shop.api.checkout.sessions.retrieve(session.id).status == "complete"


@pytest.mark.parametrize("seconds", [60, 25 * 3_600])
def test_expiry_lies_between_half_an_hour_and_a_day(shop: Shop, seconds: int) -> None:
    at = shop.sandbox.world.clock.now() + seconds

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(expires_at=at)

    assert refused.value.param == "expires_at"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"frobnicate": "x"}, "frobnicate"),
        ({"mode": "subscription"}, "mode"),
        ({"ui_mode": "hosted"}, "ui_mode"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"line_items": []}, "line_items"),
        (
            {"payment_method_options": {}},
            "payment_method_options[wechat_pay][client]",
        ),
        ({"payment_method_types": ["paypal"]}, "payment_method_types"),
        ({"payment_intent_data": {"capture_method": "manual"}}, "capture_method"),
        ({"discounts": [{"coupon": "x"}]}, "discounts"),
        ({"metadata": {"k" * 41: "v"}}, "metadata"),
    ],
)
def test_bad_parameters_are_named(
    shop: Shop, changes: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(**changes)

    assert refused.value.http_status == 400
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"price_data": None}, "line_items[0][price_data]"),
        ({"price": "price_1"}, "line_items[0][price]"),
        ({"quantity": 0}, "line_items[0][quantity]"),
        ({"quantity": -1}, "line_items[0][quantity]"),
        ({"quantity": "³"}, "line_items[0][quantity]"),
        ({"quantity": 10**20}, "line_items[0][quantity]"),
        ({"tax_rates": ["txr_1"]}, "line_items[0][tax_rates]"),
    ],
)
def test_bad_line_items_are_named(
    shop: Shop, changes: dict[str, Any], param: str
) -> None:
    changed = order()["line_items"][0] | changes
    line = {key: value for key, value in changed.items() if value is not None}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(line_items=[line])

    assert refused.value.param == param


@pytest.mark.parametrize("missing", ["mode", "success_url", "line_items"])
def test_what_is_missing_is_named(shop: Shop, missing: str) -> None:
    params: Any = {key: v for key, v in order().items() if key != missing}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.checkout.sessions.create(params)

    assert (refused.value.code, refused.value.param) == ("parameter_missing", missing)


def test_an_unknown_session_is_missing(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.checkout.sessions.retrieve("cs_test_nothing")

    assert refused.value.http_status == 404
    assert refused.value.code == "resource_missing"


def test_a_sessions_intent_ends_with_its_session_only(shop: Shop) -> None:
    session = shop.session()
    shop.sandbox.controls.decline_session(session.id)
    again = shop.api.checkout.sessions.retrieve(session.id)

    with pytest.raises(stripe.InvalidRequestError, match="expire the Checkout"):
        shop.api.payment_intents.cancel(str(again.payment_intent))


def test_what_cannot_be_expanded_is_refused(shop: Shop) -> None:
    session = shop.session()

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.api.checkout.sessions.retrieve(session.id, {"expand": ["status"]})
