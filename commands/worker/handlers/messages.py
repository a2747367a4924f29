"""Hand text messages to their carrier, outside any transaction."""

from typing import Any

from core.config import current_settings
from core.database import forget_reads, transaction
from domain.texts import TextKind, is_one_too_many
from integrations.sms import NotConfigured, Undeliverable, sms_carrier
from models.outbox import WITHHELD
from queries.outbox import count_sent, was_sent
from services.jobs import GiveUp, handles
from services.outbox import record_sent


@handles("send_sms")
def send_sms(message: dict[str, Any]) -> None:
    """Send one text message, unless its number had too many of its kind today.

    payload: key, to, body, kind.
    """
    if was_sent(key := message["key"]):
        return
    to, body = message["to"], message["body"]
    kind = TextKind(message.get("kind", TextKind.SERVICE))
    if is_one_too_many(kind, count_sent(to, kind)):
        with transaction():
            record_sent(key=key, channel=WITHHELD, recipient=to, body="", kind=kind)
        return
    forget_reads()
    try:
        carrier = sms_carrier(current_settings())
        carrier.send(to, body, key=key)
    except (Undeliverable, NotConfigured) as error:
        raise GiveUp(str(error)) from error
    with transaction():
        record_sent(
            key=key,
            channel="sms",
            recipient=to,
            body=body if carrier.keeps_body else "",
            kind=kind,
        )
