"""What was sent to people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.database import db
from models import SentMessage


@dataclass(frozen=True)
class Message:
    """A text message (channel sms) or a mail as it left the house."""

    id: int
    channel: str
    recipient: str
    subject: str
    body: str
    sent_at: datetime


def was_sent(key: str) -> bool:
    """Whether the message of this job is with its carrier already."""
    found = db.session.scalar(select(SentMessage.id).where(SentMessage.key == key))
    return found is not None
