"""Listings: their states, and the codes of harvest batches."""

from datetime import date
from enum import StrEnum

from core.errors import N_, Conflict, NotFound
from domain.codes import CodeKind
from domain.money import per_jin_fen
from domain.states import StateMachine, moves

BATCH_CODES = CodeKind("PC", serial_characters=3)
"""PC for 批次, so that nobody takes a batch for an order."""

LOWEST_PER_JIN_FEN = 50
"""Half a yuan: nothing that is worth a parcel costs less per 斤."""


class ListingMoved(Conflict):
    """The listing is no longer in a state that allows this."""

    code = "listing_moved"
    message = N_("这件农货的状态已经变了，请刷新页面再看。")


class UnknownBatchCode(NotFound):
    """No batch code, or a mistyped one."""

    code = "unknown_batch_code"
    message = N_("没有这个批次号，请核对包装上的号码再输一次。")


class ListingState(StrEnum):
    """Where a listing stands; only an approved one is in the shop."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


LISTING = StateMachine(
    moves(
        draft="submitted",
        submitted="approved rejected draft",
        approved="submitted withdrawn",
        rejected="submitted draft",
        withdrawn="submitted draft",
    ),
    ListingMoved,
)
"""A changed listing goes back from approved to submitted."""


def check_transition(current: str, wanted: str) -> None:
    """Raise ListingMoved unless a listing may go from `current` to `wanted`."""
    LISTING.check(current, wanted)


def batch_code(day: date, serial: int) -> str:
    """A code such as "PC-260311-003V"; serial below BATCH_CODES.serials."""
    return BATCH_CODES.make(day, serial)


def parse_batch_code(text: str) -> str:
    """The canonical batch code in `text`. Raises UnknownBatchCode."""
    code = BATCH_CODES.find(text)
    if code is None:
        raise UnknownBatchCode
    return code


def is_suspiciously_cheap(price_fen: int, weight_g: int) -> bool:
    """Whether a box costs so little per 斤 that a digit must be missing."""
    return per_jin_fen(price_fen, weight_g) < LOWEST_PER_JIN_FEN
