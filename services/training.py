"""Training records and certificates, entered by those who answer for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from core.access import Actor
from core.clock import today
from core.database import db
from core.errors import N_, Conflict, Forbidden, Invalid, NotFound, StateChanged
from domain.training import (
    RECORDS,
    Ability,
    CertificateKind,
    RecordKind,
    RecordState,
    check_transition,
    states_of,
)
from models.history import move, record_change
from models.training import Certificate, TrainingRecord
from queries.training.members import find_member, possible_mentors, training_scope
from services.requests import add_first, find_known

NEEDS_REASON = frozenset({RecordState.STOPPED})


class OwnRecord(Forbidden):
    """Nobody keeps the own portfolio."""

    code = "own_record"
    message = N_("自己的培训档案要请别人登记，换一位老师或组织员来办。")


class MentorMissing(Invalid):
    """Mentoring names who guides the member."""

    code = "mentor_missing"
    message = N_("帮带要写明谁来带，而且不能是本人。")


class DatesReversed(Invalid):
    """The last day lies before the first."""

    code = "dates_reversed"
    message = N_("结束日期早于开始日期，请核对。")


class CertificateNumberTaken(Conflict):
    """Another certificate has this number."""

    code = "certificate_number_taken"
    message = N_("证书编号 %(number)s 已经登记过，请核对。")


class ReasonMissing(Invalid):
    """This step is only taken with a reason."""

    code = "reason_missing"
    message = N_("请写明原因，几个字就行。")


@dataclass(frozen=True)
class RecordDraft:
    """A training record as typed; hours are whole class hours."""

    request_id: str
    account_id: int
    kind: RecordKind
    title: str
    started_on: date
    ended_on: date | None
    place: str
    hours: int
    abilities: Sequence[Ability]
    mentor_id: int | None
    note: str


@dataclass(frozen=True)
class CertificateDraft:
    """A certificate as typed; both days are included."""

    request_id: str
    account_id: int
    kind: CertificateKind
    number: str
    issuer: str
    valid_from: date
    valid_until: date


def enter_record(draft: RecordDraft, by: Actor) -> int:
    """Add a record at the start of its kind's life; returns its id.

    The same request id again returns the first record's id.
    Raises NotFound for a member out of reach, OwnRecord, MentorMissing,
    DatesReversed.
    """
    known = find_known(TrainingRecord, draft.request_id)
    if known is not None:
        return known
    _check_member(draft.account_id, by)
    _check_mentor(draft, by)
    if draft.ended_on and draft.ended_on < draft.started_on:
        raise DatesReversed
    values = vars(draft) | {"abilities": ",".join(draft.abilities)}
    record = TrainingRecord(
        **values, state=states_of(draft.kind)[0], entered_by=by.account_id
    )
    twin = add_first(record)
    if twin is not None:
        return twin
    record_change(record, record.state, account_id=by.account_id)
    return record.id


def move_record(record_id: int, state: RecordState, reason: str, by: Actor) -> None:
    """Take a record to the next state of its life.

    Mentoring that ends without a last day typed ends today.

    Raises NotFound, OwnRecord, RecordMoved, ReasonMissing, StateChanged.
    """
    record = db.session.get(TrainingRecord, record_id)
    if record is None:
        raise NotFound
    _check_member(record.account_id, by)
    kind = RecordKind(record.kind)
    check_transition(kind, record.state, state)
    if state in NEEDS_REASON and not reason.strip():
        raise ReasonMissing
    closing: dict[str, Any] = {}
    is_over = kind is RecordKind.MENTORING and RECORDS[kind].is_final(state)
    if is_over and record.ended_on is None:
        closing["ended_on"] = max(today(), record.started_on)
    move(record, state, account_id=by.account_id, reason=reason.strip(), **closing)


def enter_certificate(draft: CertificateDraft, by: Actor) -> int:
    """Register a certificate; returns its id.

    The same request id again returns the first certificate's id.
    Raises NotFound for a member out of reach, OwnRecord, DatesReversed,
    CertificateNumberTaken.
    """
    known = find_known(Certificate, draft.request_id)
    if known is not None:
        return known
    _check_member(draft.account_id, by)
    if draft.valid_until < draft.valid_from:
        raise DatesReversed
    if db.session.scalar(
        select(Certificate.id).where(Certificate.number == draft.number)
    ):
        raise CertificateNumberTaken(number=draft.number)
    certificate = Certificate(**vars(draft), entered_by=by.account_id)
    twin = add_first(certificate)
    if twin is not None:
        return twin
    record_change(certificate, "valid", account_id=by.account_id)
    return certificate.id


def revoke_certificate(certificate_id: int, reason: str, by: Actor) -> None:
    """Withdraw a certificate from today on.

    Raises NotFound, OwnRecord, ReasonMissing, StateChanged when it is done already.
    """
    certificate = db.session.get(Certificate, certificate_id, with_for_update=True)
    if certificate is None:
        raise NotFound
    _check_member(certificate.account_id, by)
    if not reason.strip():
        raise ReasonMissing
    if certificate.revoked_on is not None:
        raise StateChanged
    certificate.revoked_on = today()
    db.session.flush()
    record_change(
        certificate,
        "revoked",
        from_state="valid",
        account_id=by.account_id,
        reason=reason.strip(),
    )


def _check_member(account_id: int, by: Actor) -> None:
    if find_member(account_id, training_scope(by, may_enter=True)) is None:
        raise NotFound
    if account_id == by.account_id:
        raise OwnRecord


def _check_mentor(draft: RecordDraft, by: Actor) -> None:
    """Mentoring has a mentor in reach; the other kinds have none."""
    is_mentoring = draft.kind is RecordKind.MENTORING
    if not is_mentoring and draft.mentor_id is None:
        return
    scope = training_scope(by, may_enter=True)
    known = {mentor_id for mentor_id, _name in possible_mentors(scope)}
    if not is_mentoring or draft.mentor_id not in known - {draft.account_id}:
        raise MentorMissing
