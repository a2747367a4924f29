import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from tests.sandbox.shop import Shop

PARAMS = {"amount": "500", "currency": "cny"}


def post(
    shop: Shop, key: str, path: str = "/v1/payment_intents", **changes: str
) -> requests.Response:
    return requests.post(
        shop.sandbox.base_url + path,
        data=PARAMS | changes,
        headers={"Authorization": "Bearer sk_test_alice", "Idempotency-Key": key},
        timeout=5,
    )


def test_the_same_request_is_answered_the_same(shop: Shop) -> None:
    first, second = post(shop, "k"), post(shop, "k")

    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert len(shop.api.payment_intents.list().data) == 1


def test_other_parameters_are_refused(shop: Shop) -> None:
    post(shop, "k")

    options: Any = {"idempotency_key": "k"}
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        shop.api.payment_intents.create({"amount": 501, "currency": "cny"}, options)


def test_another_address_is_refused(shop: Shop) -> None:
    post(shop, "k")

    refused = post(shop, "k", "/v1/refunds")

    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "idempotency_error"


def test_a_key_in_use_is_a_conflict(shop: Shop) -> None:
    shop.sandbox.controls.add_fault(kind="hang", seconds=0.5)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(post, shop, "k")
        time.sleep(0.2)
        conflict = post(shop, "k")

    assert conflict.status_code == 409
    assert conflict.json()["error"]["code"] == "idempotency_key_in_use"
    assert slow.result().status_code == 200


def test_many_at_once_do_the_work_once(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(shop, "k"), range(16)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(shop.api.payment_intents.list().data) == 1


def test_refused_parameters_do_not_use_up_the_key(shop: Shop) -> None:
    refused = post(shop, "k", amount="0")

    assert refused.status_code == 400
    assert post(shop, "k").status_code == 200


def test_a_refusal_of_the_work_is_kept(shop: Shop) -> None:
    session = shop.paid_session(500)
    shop.refund(session)
    data = {"payment_intent": session.payment_intent.id}
    headers = {"Authorization": "Bearer sk_test_alice", "Idempotency-Key": "r"}

    answers = [
        requests.post(
            f"{shop.sandbox.base_url}/v1/refunds", data=data, headers=headers, timeout=5
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_a_key_is_forgotten_after_a_day(shop: Shop) -> None:
    first = post(shop, "k").json()["id"]

    shop.sandbox.controls.advance_clock(86_400)

    assert post(shop, "k").json()["id"] != first


def test_a_key_has_an_end(shop: Shop) -> None:
    assert post(shop, "k" * 256).status_code == 400
