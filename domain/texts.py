"""Which text messages a stranger can have sent to somebody's phone, and how many."""

from enum import StrEnum


class TextKind(StrEnum):
    """What it takes to have a text sent.

    service: money or somebody's work came before it: paid, accepted, shipped, refunded.
    unpaid: anybody who types a number has it sent, by an order that nobody has paid.
    code: anybody can ask for one; who asks too often is told so on the page.
    """

    SERVICE = "service"
    UNPAID = "unpaid"
    CODE = "code"


MOST_A_DAY = {TextKind.UNPAID: 6, TextKind.CODE: 20}
"""To one number in 24 hours. What is not named here is never held back."""


def is_one_too_many(kind: TextKind, sent_today: int) -> bool:
    """Whether a number that was sent so many of a kind within a day gets no more."""
    most = MOST_A_DAY.get(kind)
    return most is not None and sent_today >= most
