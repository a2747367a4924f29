"""The carrier of text messages, spoken to over real sockets."""

from collections.abc import Iterator

import pytest

from core.setting_values import SmsGateway
from integrations.sms import HttpSms, Undeliverable, Undelivered
from tests.support.carriers import Gateway, running_gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


def sms(gateway: Gateway) -> HttpSms:
    return HttpSms(SmsGateway(gateway.url, "secret"))


def test_a_text_message_reaches_the_gateway(gateway: Gateway) -> None:
    sms(gateway).send("13800000001", "订单已发货", key="sms:order:1")

    headers, message = gateway.requests[0]
    assert message == {"to": "13800000001", "text": "订单已发货", "key": "sms:order:1"}
    assert headers["authorization"] == "Bearer secret"
    assert headers["idempotency-key"] == "sms:order:1"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Undeliverable), (422, Undeliverable), (401, Undelivered), (429, Undelivered)]
    + [(500, Undelivered), (503, Undelivered)],
)
def test_what_the_gateway_answers_decides(
    gateway: Gateway, status: int, outcome: type[Exception]
) -> None:
    gateway.status = status

    with pytest.raises(outcome, match=str(status)):
        sms(gateway).send("13800000001", "您好", key="k")


def test_a_gateway_that_is_away_is_tried_again() -> None:
    with running_gateway() as gateway:
        carrier = sms(gateway)

    with pytest.raises(Undelivered):
        carrier.send("13800000001", "您好", key="k")
