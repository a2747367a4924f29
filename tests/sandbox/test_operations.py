from typing import Any

import pytest
import requests
import stripe

from sandbox import description
from sandbox.operations import OPERATIONS
from sandbox.params import decode_form
from tests.sandbox.described import CheckedClient, check_object
from tests.sandbox.shop import Shop


def test_every_operation_answers_as_described(
    shop: Shop, http_client: CheckedClient
) -> None:
    """The client fails on the first answer that the description does not allow."""
    api = shop.api
    session = shop.paid_session(method="alipay")
    refund = shop.refund(session, amount=100)
    api.checkout.sessions.list()
    api.checkout.sessions.expire(shop.session().id)
    intent = api.payment_intents.create({"amount": 500, "currency": "cny"})
    api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    api.payment_intents.retrieve(intent.id)
    api.payment_intents.list({"expand": ["data.latest_charge"]})
    api.payment_intents.cancel(
        api.payment_intents.create({"amount": 500, "currency": "cny"}).id
    )
    api.charges.retrieve(session.payment_intent.latest_charge.id)
    api.refunds.retrieve(refund.id)
    api.refunds.list()
    shop.sandbox.controls.release_balance()
    api.balance.retrieve()
    api.balance_transactions.list()
    payout = api.payouts.create({"amount": 100, "currency": "cny"})
    api.payouts.retrieve(payout.id)
    api.payouts.list()
    events = api.events.list().data
    api.events.retrieve(events[0].id)
    api.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]}
    )
    api.accounts.retrieve_current()

    known = {(operation.method, operation.path) for operation in OPERATIONS}
    assert http_client.checked == known


@pytest.mark.parametrize(
    "kind",
    [
        "checkout.session",
        "payment_intent",
        "charge",
        "refund",
        "balance_transaction",
        "payout",
        "event",
        "webhook_endpoint",
        "item",
        "price",
        "account",
    ],
)
def test_skeletons_are_valid_by_themselves(kind: str) -> None:
    check_object(kind, description.skeleton(kind))


def test_every_parameter_taken_is_stripes_own() -> None:
    for operation in OPERATIONS:
        schema = description.request_schema(operation.method, operation.path)
        assert operation.takes <= set(schema["properties"]), operation.path


def test_an_unknown_address_is_refused_as_stripe_does(shop: Shop) -> None:
    answer = requests.get(f"{shop.sandbox.base_url}/v1/customers", timeout=5)

    assert answer.status_code == 404
    assert "Unrecognized request URL (GET: /v1/customers)" in answer.text


def test_forms_nest() -> None:
    pairs = [("a[b][0][c]", "1"), ("a[b][1][c]", "2"), ("d[]", "x"), ("d[]", "y")]

    assert decode_form(pairs) == {
        "a": {"b": {"0": {"c": "1"}, "1": {"c": "2"}}},
        "d": {"0": "x", "1": "y"},
    }


@pytest.mark.parametrize("body", ["a=1&a[b]=2", "amount[x]=1&currency=cny", "[]=1"])
def test_odd_forms_are_refused(shop: Shop, body: str) -> None:
    answer = requests.post(
        f"{shop.sandbox.base_url}/v1/payment_intents",
        data=body,
        headers={
            "Authorization": "Bearer sk_test_alice",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=5,
    )

    assert answer.status_code == 400


def test_lists_page_both_ways(shop: Shop) -> None:
    made = [
        shop.api.payment_intents.create({"amount": 500 + n, "currency": "cny"}).id
        for n in range(5)
    ]
    newest_first = made[::-1]

    first = shop.api.payment_intents.list({"limit": 2})
    after = shop.api.payment_intents.list({"limit": 2, "starting_after": made[3]})
    before = shop.api.payment_intents.list({"limit": 2, "ending_before": made[0]})
    top = shop.api.payment_intents.list({"limit": 2, "ending_before": made[2]})
    everything = [each.id for each in first.auto_paging_iter()]

    assert ([each.id for each in first.data], first.has_more) == (
        newest_first[:2],
        True,
    )
    assert [each.id for each in after.data] == newest_first[2:4]
    assert [each.id for each in before.data] == newest_first[2:4]
    assert ([each.id for each in top.data], top.has_more) == (newest_first[:2], False)
    assert before.has_more
    assert everything == newest_first


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"starting_after": "pi_none"}, {"x": 1}]
)
def test_bad_paging_is_refused(shop: Shop, params: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.payment_intents.list(params)

    assert refused.value.param == next(iter(params))


def test_lists_filter_by_time(shop: Shop) -> None:
    old = shop.api.payment_intents.create({"amount": 500, "currency": "cny"})
    shop.sandbox.controls.advance_clock(100)
    new = shop.api.payment_intents.create({"amount": 500, "currency": "cny"})

    later = shop.api.payment_intents.list({"created": {"gt": old.created}}).data
    exact = shop.api.payment_intents.list({"created": old.created}).data

    assert [each.id for each in later] == [new.id]
    assert [each.id for each in exact] == [old.id]


def test_events_filter_by_type(shop: Shop) -> None:
    shop.paid_session()

    charge_events = shop.api.events.list({"type": "charge.*"}).data
    two = shop.api.events.list(
        {"types": ["payment_intent.succeeded", "checkout.session.completed"]}
    ).data

    assert [event.type for event in charge_events] == ["charge.succeeded"]
    assert len(two) == 2
