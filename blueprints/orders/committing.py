"""One commit for all checkouts that wait at the same time in this process."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine

from core.database import db, forget_reads, is_out_of_reach, transaction
from core.together import Together
from services.orders.drafts import PlacedOrder, Submission
from services.orders.placing import Answer, place_together

MOST_AT_ONCE = 256
log = structlog.get_logger("tianbo")

_desks: WeakKeyDictionary[Engine, Together[Submission, Answer | Exception]] = (
    WeakKeyDictionary()
)


def commit(submission: Submission) -> list[PlacedOrder]:
    """Place the orders of a checkout; they are kept once this answers.

    Raises what `place_orders` does, and TooMany.
    """
    forget_reads()  # who waits keeps no connection from others
    desk = _desks.get(db.engine)
    if desk is None:
        desk = _desks.setdefault(db.engine, Together(_place_all, MOST_AT_ONCE))
    answer = desk.ask(submission)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _place_all(submissions: Sequence[Submission]) -> Sequence[Answer | Exception]:
    try:
        with transaction():
            return place_together(submissions)
    except Exception as error:
        if len(submissions) == 1 or is_out_of_reach(error):
            raise
        log.exception("checkouts failed together", count=len(submissions))
    return [_place_alone(each) for each in submissions]


def _place_alone(submission: Submission) -> Answer | Exception:
    """One that cannot be written must not take the others with it."""
    try:
        with transaction():
            return place_together([submission])[0]
    except Exception as error:  # noqa: BLE001 - raised where it is waited for
        return error
