"""Listings: who writes and approves them, their states, and the codes of batches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.errors import N_, Conflict, NotFound
from domain.codes import CodeKind
from domain.money import per_jin_fen
from domain.roles import Role
from domain.states import Labelled, StateMachine, moves

REVIEWERS = (Role.LEAD,)
"""Who puts a listing into the shop or sends it back."""

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


class ListingState(Labelled):
    """Where a listing stands; only an approved one is in the shop."""

    DRAFT = "draft", N_("草稿"), "", "clipboard-list"
    SUBMITTED = "submitted", N_("待审核"), "ginger", "clock"
    APPROVED = "approved", N_("在店里"), "leaf", "check"
    REJECTED = "rejected", N_("退回了"), "haw", "circle-alert"
    WITHDRAWN = "withdrawn", N_("已下架"), "", "x"


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

IN_REVIEW = (ListingState.SUBMITTED, ListingState.APPROVED)
"""The lead has it, or had it: there is nothing to submit."""

MOVED: Mapping[str, str] = {
    ListingState.DRAFT: N_("写了草稿"),
    ListingState.SUBMITTED: N_("送审了"),
    ListingState.APPROVED: N_("通过，上架"),
    ListingState.REJECTED: N_("退回"),
    ListingState.WITHDRAWN: N_("下架了"),
}
REWRITTEN = N_("改了内容，重新送审")


def move_label(before: str | None, after: str) -> str:
    """What happened when a listing went from one state to another."""
    if (before, after) == (ListingState.APPROVED, ListingState.SUBMITTED):
        return REWRITTEN
    return MOVED[after]


@dataclass(frozen=True)
class Photo:
    """A photo in the store: `key` names its files; the size is the largest one's."""

    key: str
    width: int
    height: int
    alt: str = ""


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
