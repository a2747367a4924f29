"""Messages to people: recorded once they are with their carrier."""

from datetime import timedelta

from sqlalchemy import delete, update

from core.clock import now
from core.database import db, insert_into
from models.outbox import Job, SentMessage

LONGEST_SUBJECT = 120
KEEP_SENT = timedelta(days=180)


def record_sent(
    *, key: str, channel: str, recipient: str, body: str, subject: str = ""
) -> None:
    """Note that a message left the house; again with the same key changes nothing.

    The job's copy of the text is wiped: it may hold codes and links.
    """
    values = {
        "key": key,
        "channel": channel,
        "recipient": recipient,
        "subject": subject[:LONGEST_SUBJECT],
        "body": body,
        "sent_at": now(),
    }
    statement = insert_into(SentMessage).values(values)
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))
    db.session.execute(
        update(Job)
        .where(Job.key == key)
        .values(payload={"key": key})
        .execution_options(synchronize_session=False)
    )


def forget_old_messages() -> None:
    """Delete records of messages sent long ago: they hold phones and addresses."""
    old = SentMessage.sent_at < now() - KEEP_SENT
    db.session.execute(delete(SentMessage).where(old))
