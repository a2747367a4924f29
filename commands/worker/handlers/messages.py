"""Hand text messages and mails to their carriers, outside any transaction."""

from collections.abc import Callable
from typing import Any

from core.config import current_settings
from core.database import forget_reads, transaction
from integrations.delivery import NotConfigured, Refused
from integrations.mail import mail_carrier
from integrations.sms import sms_carrier
from queries.messages import was_sent
from services.jobs import GiveUp, handles
from services.messages import record_sent


@handles("send_sms")
def send_sms(message: dict[str, Any]) -> None:
    """Send one text message; payload: key, to, body."""

    def hand_over() -> bool:
        carrier = sms_carrier(current_settings())
        carrier.send(message["to"], message["body"], key=message["key"])
        return carrier.keeps_body

    _send_once("sms", message, hand_over)


@handles("send_mail")
def send_mail(message: dict[str, Any]) -> None:
    """Send one mail; payload: key, to, subject, body."""

    def hand_over() -> bool:
        carrier = mail_carrier(current_settings())
        to, subject, body = message["to"], message["subject"], message["body"]
        carrier.send(to, subject, body, key=message["key"])
        return carrier.keeps_body

    _send_once("mail", message, hand_over)


def _send_once(
    channel: str, message: dict[str, Any], hand_over: Callable[[], bool]
) -> None:
    if was_sent(message["key"]):
        return
    forget_reads()
    try:
        keeps_body = hand_over()
    except (Refused, NotConfigured) as error:
        raise GiveUp(str(error)) from error
    with transaction():
        record_sent(
            key=message["key"],
            channel=channel,
            recipient=message["to"],
            subject=message.get("subject", ""),
            body=message["body"] if keeps_body else "",
        )
