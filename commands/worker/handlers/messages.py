"""Hand text messages to their carrier, outside any transaction."""

from typing import Any

from core.config import current_settings
from core.database import forget_reads, transaction
from integrations.sms import NotConfigured, Undeliverable, sms_carrier
from queries.outbox import was_sent
from services.jobs import GiveUp, handles
from services.outbox import record_sent


@handles("send_sms")
def send_sms(message: dict[str, Any]) -> None:
    """Send one text message; payload: key, to, body."""
    if was_sent(key := message["key"]):
        return
    to, body = message["to"], message["body"]
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
        )
