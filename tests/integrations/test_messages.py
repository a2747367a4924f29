"""Carriers of text messages and mails, spoken to over real sockets."""

from collections.abc import Iterator

import pytest

from core.setting_values import MailServer, SmsGateway
from integrations.delivery import Refused, Undelivered
from integrations.mail import SmtpMail
from integrations.sms import HttpSms
from tests.support.carriers import (
    Gateway,
    Mailbox,
    running_gateway,
    running_mail_server,
)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mail_server() as running:
        yield running


def sms(gateway: Gateway) -> HttpSms:
    return HttpSms(SmsGateway(gateway.url, "secret"))


def mail(port: int) -> SmtpMail:
    return SmtpMail(MailServer("127.0.0.1", port, False, "", "", "shop@example.org"))


def test_a_text_message_reaches_the_gateway(gateway: Gateway) -> None:
    sms(gateway).send("13800000001", "订单已发货", key="sms:order:1")

    headers, message = gateway.requests[0]
    assert message == {"to": "13800000001", "text": "订单已发货", "key": "sms:order:1"}
    assert headers["authorization"] == "Bearer secret"
    assert headers["idempotency-key"] == "sms:order:1"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Refused), (422, Refused), (401, Undelivered), (429, Undelivered)]
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


def test_a_mail_reaches_the_server(mailbox: Mailbox) -> None:
    carrier = mail(mailbox.port)
    for _ in range(2):
        carrier.send("a@example.org", "对账单", "请查看\n附件", key="mail:1")

    first, again = mailbox.mails
    assert (first["To"], first["From"]) == ("a@example.org", "shop@example.org")
    assert first["Subject"] == "对账单"
    assert first.get_content().split() == ["请查看", "附件"]
    assert first["Message-ID"] == again["Message-ID"]


@pytest.mark.parametrize(
    ("refusal", "outcome"), [("550 nobody here", Refused), ("450 later", Undelivered)]
)
def test_what_the_mail_server_answers_decides(
    mailbox: Mailbox, refusal: str, outcome: type[Exception]
) -> None:
    mailbox.refusal = refusal

    with pytest.raises(outcome):
        mail(mailbox.port).send("a@example.org", "您好", "您好", key="k")


@pytest.mark.parametrize("address", ["a@b\nBcc: c@example.org", "a@b\r\nx"])
def test_an_address_that_would_add_headers_is_refused(
    mailbox: Mailbox, address: str
) -> None:
    with pytest.raises(Refused):
        mail(mailbox.port).send(address, "您好", "您好", key="k")

    assert mailbox.mails == []


def test_a_mail_server_that_is_away_is_tried_again() -> None:
    with running_mail_server() as mailbox:
        carrier = mail(mailbox.port)

    with pytest.raises(Undelivered):
        carrier.send("a@example.org", "您好", "您好", key="k")
