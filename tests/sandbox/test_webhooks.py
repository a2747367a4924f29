from typing import Any

import pytest
import stripe

from sandbox import webhooks
from sandbox.webhooks import signature
from tests.sandbox.receiver import Receiver
from tests.sandbox.shop import Shop

PAID = [
    "charge.succeeded",
    "checkout.session.completed",
    "payment_intent.created",
    "payment_intent.succeeded",
]


def subscribe(shop: Shop, receiver: Receiver, *types: str) -> str:
    """Register `receiver`; returns the signing secret."""
    params: Any = {"url": receiver.url, "enabled_events": list(types) or ["*"]}
    endpoint = shop.api.webhook_endpoints.create(params)
    assert endpoint.secret is not None
    return endpoint.secret


def test_a_payment_is_told_signed_and_as_described(
    shop: Shop, receiver: Receiver
) -> None:
    secret = subscribe(shop, receiver)

    session = shop.paid_session()

    receiver.wait_for(4)
    events = receiver.events(secret)
    assert sorted(event["type"] for event in events) == PAID
    told = {event["type"]: event["data"]["object"] for event in events}
    assert told["checkout.session.completed"]["id"] == session.id
    assert told["checkout.session.completed"]["payment_status"] == "paid"


def test_every_other_event_is_as_described(shop: Shop, receiver: Receiver) -> None:
    secret = subscribe(shop, receiver)
    controls = shop.sandbox.controls
    session = shop.paid_session(method="alipay")
    controls.settle_refund(shop.refund(session, amount=1).id)
    controls.settle_refund(shop.refund(session, amount=1).id, succeeded=False)
    controls.decline_session(shop.session().id)
    second = shop.session()
    controls.decline_session(second.id)
    controls.expire_session(second.id)
    controls.release_balance()
    for succeeded in (True, False):
        payout = shop.api.payouts.create({"amount": 100, "currency": "cny"})
        controls.settle_payout(payout.id, succeeded=succeeded)
    shop.api.payment_intents.create(
        {
            "amount": 500,
            "currency": "cny",
            "confirm": True,
            "payment_method": "pm_wechat_pay",
            "return_url": "http://shop.test/",
        }
    )

    assert shop.sandbox.drain()

    assert {event["type"] for event in receiver.events(secret)} == {
        *PAID,
        "charge.failed",
        "charge.refunded",
        "checkout.session.expired",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payout.created",
        "payout.failed",
        "payout.paid",
        "refund.created",
        "refund.failed",
        "refund.updated",
    }


def test_an_event_names_the_request_behind_it(shop: Shop, receiver: Receiver) -> None:
    secret = subscribe(shop, receiver)

    shop.api.payment_intents.create(
        {"amount": 500, "currency": "cny"}, {"idempotency_key": "order-1"}
    )

    receiver.wait_for(1)
    (event,) = receiver.events(secret)
    assert event["request"]["idempotency_key"] == "order-1"
    assert event["request"]["id"].startswith("req_")


def test_only_what_was_asked_for_is_told(shop: Shop, receiver: Receiver) -> None:
    subscribe(shop, receiver, "checkout.session.completed")

    shop.paid_session()

    assert shop.sandbox.drain()
    assert receiver.types() == ["checkout.session.completed"]


def test_a_delivery_is_tried_again_until_accepted(
    shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_FIRST_PAUSE_S", 0.02)
    subscribe(shop, receiver, "checkout.session.completed")
    receiver.answers = [500, 302]

    shop.paid_session()

    receiver.wait_for(3)
    assert shop.sandbox.drain()
    attempts = shop.sandbox.controls.webhook_attempts()
    assert [attempt["status"] for attempt in attempts] == [500, 302, 200]
    assert len({body for _, body in receiver.deliveries}) == 1


def test_an_event_counts_who_has_not_accepted_it(
    shop: Shop, receiver: Receiver
) -> None:
    subscribe(shop, receiver)
    shop.sandbox.controls.hold_webhooks()
    intent = shop.api.payment_intents.create({"amount": 500, "currency": "cny"})
    (waiting,) = shop.api.events.list({"delivery_success": False}).data

    shop.sandbox.controls.release_webhooks()

    assert shop.sandbox.drain()
    (event,) = shop.api.events.list({"delivery_success": True}).data
    assert (waiting.id, waiting.pending_webhooks) == (event.id, 1)
    assert event.pending_webhooks == 0
    assert event.data.object["id"] == intent.id


def test_held_webhooks_wait_for_their_release(shop: Shop, receiver: Receiver) -> None:
    subscribe(shop, receiver)
    shop.sandbox.controls.hold_webhooks()
    shop.paid_session()

    assert not shop.sandbox.drain(0.2)
    assert receiver.deliveries == []
    assert shop.sandbox.controls.release_webhooks(shuffled=True, seed=1) == 4

    receiver.wait_for(4)
    assert sorted(receiver.types()) == PAID


def test_duplicates_carry_the_same_event(shop: Shop, receiver: Receiver) -> None:
    secret = subscribe(shop, receiver, "checkout.session.completed")
    shop.sandbox.controls.set_webhooks(duplicates=2, shuffled=True)

    shop.paid_session()

    receiver.wait_for(3)
    assert shop.sandbox.drain()
    ids = [event["id"] for event in receiver.events(secret)]
    assert (len(ids), len(set(ids))) == (3, 1)


def test_past_events_can_be_told_again(shop: Shop, receiver: Receiver) -> None:
    subscribe(shop, receiver)
    shop.paid_session()
    receiver.wait_for(4)

    sent = shop.sandbox.controls.replay_webhooks(
        event_type="checkout.session.completed"
    )

    receiver.wait_for(5)
    assert sent == 1


def test_an_absent_receiver_holds_nothing_up(shop: Shop) -> None:
    shop.api.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]}
    )

    session = shop.paid_session()

    assert session.status == "complete"
    assert not shop.sandbox.drain(0.1)


def test_an_endpoint_has_a_web_address(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.api.webhook_endpoints.create(
            {"url": "file:///etc/passwd", "enabled_events": ["*"]}
        )

    assert refused.value.code == "url_invalid"


def test_a_signature_is_the_one_the_library_expects() -> None:
    body = b'{"id": "evt_1", "object": "event"}'
    header = signature(body, "whsec_1", 1_700_000_000)

    assert stripe.WebhookSignature.verify_header(
        body.decode(), header, "whsec_1", tolerance=None
    )
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(body.decode(), header, "whsec_2")
