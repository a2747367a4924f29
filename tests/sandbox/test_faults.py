import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.sandbox.shop import Shop


def create(shop: Shop, key: str = "k") -> Any:
    options: Any = {"idempotency_key": key}
    return shop.api.payment_intents.create({"amount": 500, "currency": "cny"}, options)


def count(shop: Shop) -> int:
    return len(shop.api.payment_intents.list().data)


def test_an_error_before_the_work_changes_nothing(shop: Shop) -> None:
    shop.sandbox.controls.add_fault(kind="error")

    with pytest.raises(stripe.APIError) as failed:
        create(shop)

    assert failed.value.http_status == 500
    assert count(shop) == 0
    assert create(shop).status == "requires_payment_method"


def test_an_error_after_the_work_loses_only_the_answer(shop: Shop) -> None:
    shop.sandbox.controls.add_fault(kind="error", when="after")
    with pytest.raises(stripe.APIError):
        create(shop)
    assert count(shop) == 1

    create(shop)

    assert count(shop) == 1


def test_a_saved_error_is_replayed(shop: Shop) -> None:
    shop.sandbox.controls.add_fault(kind="error", when="after", saved=True)

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create(shop)

    assert count(shop) == 1


def test_stripe_can_be_unavailable_for_a_while(shop: Shop) -> None:
    shop.sandbox.controls.add_fault(kind="unavailable", count=2)

    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            create(shop)
        assert failed.value.http_status == 503

    assert create(shop).amount == 500


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_connection_can_break(shop: Shop, when: str, made: int) -> None:
    shop.sandbox.controls.add_fault(kind="drop", when=when)

    with pytest.raises(stripe.APIConnectionError):
        create(shop)

    assert count(shop) == made


SLOW = [
    {"kind": "hang", "seconds": 0.3},
    {"kind": "hang", "seconds": 0.3, "when": "after"},
    {"kind": "trickle", "seconds": 0.001},
]


@pytest.mark.parametrize("fault", SLOW)
def test_an_answer_can_take_long(shop: Shop, fault: dict[str, Any]) -> None:
    shop.sandbox.controls.add_fault(**fault)
    started = time.monotonic()

    assert create(shop).amount == 500

    assert time.monotonic() - started >= 0.3


def test_what_hangs_goes_on_without_faults(shop: Shop) -> None:
    controls = shop.sandbox.controls
    controls.add_fault(kind="hang", seconds=60)
    with ThreadPoolExecutor() as threads:
        made = threads.submit(create, shop)
        while not controls.status()["waiting"]:
            pass
        controls.clear_faults()

        assert made.result().amount == 500
    assert controls.status()["waiting"] == 0


def test_a_fault_can_wait_for_one_kind_of_request(shop: Shop) -> None:
    shop.sandbox.controls.add_fault(kind="error", method="POST", path="/v1/refunds")
    create(shop)

    with pytest.raises(stripe.APIError):
        shop.api.refunds.create({"payment_intent": "pi_1"})

    assert shop.sandbox.controls.status()["faults"] == []


def test_faults_can_be_called_off(shop: Shop) -> None:
    shop.sandbox.controls.add_fault(kind="error", count=100)

    shop.sandbox.controls.clear_faults()

    assert create(shop).amount == 500


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "explode"},
        {"kind": "error", "when": "later"},
        {"kind": "error", "count": 0},
        {"kind": "hang", "seconds": -1},
        {"kind": "hang", "seconds": "long"},
        {"kind": "error", "colour": "red"},
    ],
)
def test_a_senseless_fault_is_refused(shop: Shop, fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|when|count|seconds|colour"):
        shop.sandbox.controls.add_fault(**fault)
