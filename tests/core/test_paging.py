"""Long lists are cut by ids, from the nearer end, into the same pages."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db, transaction
from core.pages.paging import paginate, paginate_newest
from models.outbox import SentMessage
from tests.support.queries import count_queries

SENT = SentMessage.__table__.c
NEWEST = (SENT.sent_at, SENT.id)
START = datetime(2026, 3, 10, tzinfo=UTC)


def write(count: int) -> None:
    """Messages, three of them at each moment."""
    with transaction() as session:
        session.add_all(
            SentMessage(
                key=str(number),
                channel="sms",
                recipient=str(number % 2),
                sent_at=START + timedelta(hours=number * 7 % count // 3),
            )
            for number in range(count)
        )


@pytest.mark.parametrize("count", [0, 1, 4, 8, 11])
def test_pages_are_those_of_the_whole_list(context: Flask, count: int) -> None:
    write(count)
    mine = select(SENT.id).where(SENT.recipient == "1")
    told = select(SENT.id, SENT.key)
    whole = told.where(SENT.recipient == "1").order_by(*(c.desc() for c in NEWEST))
    keys = [row.key for row in db.session.execute(whole)]
    for page in range(-1, 8):
        cut = paginate_newest(told, mine, NEWEST, page, 2)
        assert cut == paginate(whole, page, 2)
        shown = [row.key for row in cut.items]
        assert shown == keys[2 * (cut.page - 1) : 2 * cut.page]


def test_the_last_page_is_counted_from_the_end(context: Flask) -> None:
    write(12)
    with count_queries() as statements:
        paginate_newest(select(SENT.key), select(SENT.id), NEWEST, 6, 2)
    [cut] = [each for each in statements if "OFFSET" in each]
    assert "DESC" not in cut
