"""What was sent to people."""

from typing import Any

from sqlalchemy import Row, select

from core.database import db
from core.pages.paging import Page, paginate
from models.outbox import SentMessage

PER_PAGE = 20


def sent_messages(recipient: str, page: int) -> Page[Row[Any]]:
    """Messages newest first: channel, recipient, subject, body, sent_at.

    recipient: a phone or mail address; empty means everyone's.
    """
    query = select(
        SentMessage.id,
        SentMessage.channel,
        SentMessage.recipient,
        SentMessage.subject,
        SentMessage.body,
        SentMessage.sent_at,
    ).order_by(SentMessage.id.desc())
    if recipient:
        query = query.where(SentMessage.recipient == recipient)
    return paginate(query, page, PER_PAGE)


def was_sent(key: str) -> bool:
    """Whether the message of this job is with its carrier already."""
    found = db.session.scalar(select(SentMessage.id).where(SentMessage.key == key))
    return found is not None
