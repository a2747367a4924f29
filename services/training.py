"""Training records and certificates, entered by those who answer for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from core.access import Actor
from core.clock import today
from core.database import db
from core.errors import N_, Forbidden, Invalid, StateChanged
from domain.training import (
    ENTERERS,
    RECORDS,
    Ability,
    CertificateKind,
    CertificateState,
    RecordKind,
    RecordState,
    check_transition,
    states_of,
)
from models.history import move, record_change
from models.training import Certificate, TrainingRecord
from queries.scopes import lock
from queries.training.members import get_member, possible_mentors
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
    field = "mentor"


class MentorNotAsked(Invalid):
    """What is no mentoring has no mentor."""

    code = "mentor_not_asked"
    message = N_("只有帮带才选谁来带；别的请选“不是帮带”。")
    field = "mentor"


class DatesReversed(Invalid):
    """The last day lies before the first."""

    code = "dates_reversed"
    message = N_("结束日期早于开始日期，请核对。")
    field = "ended_on"


class ValidityReversed(Invalid):
    """The last day of a certificate lies before its first."""

    code = "validity_reversed"
    message = N_("到期日早于生效日，请核对。")
    field = "valid_until"


class CertificateNumberTaken(Invalid):
    """Another certificate has this number."""

    code = "certificate_number_taken"
    message = N_("证书编号 %(number)s 已经登记过，请核对。")
    field = "number"


class ReasonMissing(Invalid):
    """This step is only taken with a reason."""

    code = "reason_missing"
    message = N_("请写明原因，几个字就行。")
    field = "reason"


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


def enter_record(actor: Actor, draft: RecordDraft) -> int:
    """Add a record at the start of its kind's life; returns its id.

    The same request id again returns the first record's id.
    Raises NotFound for a member out of reach, OwnRecord, MentorMissing,
    MentorNotAsked, DatesReversed.
    """
    known = find_known(TrainingRecord, draft.request_id)
    if known is not None:
        return known
    _check_member(actor, draft.account_id)
    _check_mentor(actor, draft)
    if draft.ended_on and draft.ended_on < draft.started_on:
        raise DatesReversed()
    values = vars(draft) | {"abilities": ",".join(draft.abilities)}
    first = states_of(draft.kind)[0]
    record = TrainingRecord(**values, state=first, entered_by=actor.account_id)
    return _keep(record, first, actor)


def move_record(actor: Actor, record_id: int, state: RecordState, reason: str) -> None:
    """Take a record to the next state of its life.

    Mentoring that ends without a last day typed ends today.

    Raises NotFound, OwnRecord, RecordMoved, ReasonMissing, StateChanged.
    """
    record = lock(TrainingRecord, record_id, actor, *ENTERERS)
    _check_member(actor, record.account_id)
    kind = RecordKind(record.kind)
    check_transition(kind, record.state, state)
    if state in NEEDS_REASON and not reason.strip():
        raise ReasonMissing()
    closing: dict[str, Any] = {}
    is_over = kind is RecordKind.MENTORING and RECORDS[kind].is_final(state)
    if is_over and record.ended_on is None:
        closing["ended_on"] = max(today(), record.started_on)
    move(record, state, account_id=actor.account_id, reason=reason.strip(), **closing)


def enter_certificate(actor: Actor, draft: CertificateDraft) -> int:
    """Register a certificate; returns its id.

    The same request id again returns the first certificate's id.
    Raises NotFound for a member out of reach, OwnRecord, ValidityReversed,
    CertificateNumberTaken.
    """
    known = find_known(Certificate, draft.request_id)
    if known is not None:
        return known
    _check_member(actor, draft.account_id)
    if draft.valid_until < draft.valid_from:
        raise ValidityReversed()
    if db.session.scalar(
        select(Certificate.id).where(Certificate.number == draft.number)
    ):
        raise CertificateNumberTaken(number=draft.number)
    certificate = Certificate(**vars(draft), entered_by=actor.account_id)
    return _keep(certificate, CertificateState.VALID, actor)


def revoke_certificate(actor: Actor, certificate_id: int, reason: str) -> None:
    """Withdraw a certificate from today on.

    Raises NotFound, OwnRecord, ReasonMissing, StateChanged when it is done already.
    """
    certificate = lock(Certificate, certificate_id, actor, *ENTERERS)
    _check_member(actor, certificate.account_id)
    if not reason.strip():
        raise ReasonMissing()
    if certificate.revoked_on is not None:
        raise StateChanged()
    certificate.revoked_on = today()
    db.session.flush()
    record_change(
        certificate,
        CertificateState.REVOKED,
        from_state=CertificateState.VALID,
        account_id=actor.account_id,
        reason=reason.strip(),
    )


def _check_member(actor: Actor, account_id: int) -> None:
    get_member(account_id, actor, *ENTERERS)
    if account_id == actor.account_id:
        raise OwnRecord()


def _check_mentor(actor: Actor, draft: RecordDraft) -> None:
    """Mentoring has a mentor in reach; the other kinds have none."""
    if draft.kind is not RecordKind.MENTORING:
        if draft.mentor_id is not None:
            raise MentorNotAsked()
        return
    known = {mentor_id for mentor_id, _name in possible_mentors(actor)}
    if draft.mentor_id not in known - {draft.account_id}:
        raise MentorMissing()


def _keep(record: TrainingRecord | Certificate, state: str, actor: Actor) -> int:
    """Add it with its first step; the id of its twin when that came first."""
    twin = add_first(record)
    if twin is not None:
        return twin
    record_change(record, state, account_id=actor.account_id)
    return record.id
