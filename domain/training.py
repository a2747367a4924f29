"""Training: records of three kinds, each with its own life, and certificates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.errors import N_, Conflict, Forbidden
from domain.states import StateMachine, moves


class RecordMoved(Conflict):
    """The record is no longer in a state that allows this."""

    code = "record_moved"
    message = N_("这条记录的状态已经变了，请刷新页面再看。")


class CertificateMissing(Forbidden):
    """There is no certificate of the kind at all."""

    code = "certificate_missing"
    message = N_("培训档案里还没有主播证，请先参加培训，由组织员登记。")


class CertificateNotYetValid(Forbidden):
    """The certificate starts later."""

    code = "certificate_not_yet_valid"
    message = N_("主播证从 %(since)s 起才生效，请改到那天以后。")


class CertificateExpired(Forbidden):
    """The certificate has run out."""

    code = "certificate_expired"
    message = N_("主播证已在 %(until)s 到期，请先换新证。")


class CertificateRevoked(Forbidden):
    """The certificate was withdrawn."""

    code = "certificate_revoked"
    message = N_("主播证已在 %(since)s 被收回，请联系组织员。")


class RecordKind(StrEnum):
    """The three kinds: 帮带, 业务培训, 一线锻炼."""

    MENTORING = "mentoring"
    BUSINESS = "business"
    PRACTICE = "practice"


class RecordState(StrEnum):
    """Every state of the three lives; see RECORDS for which belongs to which."""

    AGREED = "agreed"
    ACTIVE = "active"
    REVIEWED = "reviewed"
    COMPLETED = "completed"
    STOPPED = "stopped"
    ENROLLED = "enrolled"
    ATTENDED = "attended"
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    ASSIGNED = "assigned"
    REPORTED = "reported"
    CONFIRMED = "confirmed"


RECORDS: dict[RecordKind, StateMachine] = {
    RecordKind.MENTORING: StateMachine(
        moves(
            agreed="active stopped",
            active="reviewed stopped",
            reviewed="active completed stopped",
            completed="",
            stopped="",
        ),
        RecordMoved,
    ),
    RecordKind.BUSINESS: StateMachine(
        moves(
            enrolled="attended absent",
            attended="passed failed",
            failed="passed",
            passed="",
            absent="",
        ),
        RecordMoved,
    ),
    RecordKind.PRACTICE: StateMachine(
        moves(
            assigned="active stopped",
            active="reported stopped",
            reported="active confirmed",
            confirmed="",
            stopped="",
        ),
        RecordMoved,
    ),
}
"""Mentoring is reviewed again and again; a failed course may be passed later; a
report from the front line may be sent back."""


class Ability(StrEnum):
    """What an activity serves."""

    THEORY = "theory"
    GOVERNANCE = "governance"
    SERVICE = "service"
    ENTREPRENEURSHIP = "entrepreneurship"


class CertificateKind(StrEnum):
    """What a certificate proves."""

    LIVE_HOST = "live_host"
    COURSE = "course"


@dataclass(frozen=True)
class Certificate:
    """The days on which a certificate counts; both ends included.

    revoked_on: the first day on which it no longer counts.
    """

    valid_from: date
    valid_until: date
    revoked_on: date | None = None


class CertificateProblem(StrEnum):
    """Why nobody may rely on a certificate on a day."""

    MISSING = "missing"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"


def states_of(kind: RecordKind) -> tuple[RecordState, ...]:
    """The states of one kind's life, the first one first."""
    return tuple(RecordState(state) for state in RECORDS[kind].moves)


def check_transition(kind: RecordKind, current: str, wanted: str) -> None:
    """Raise RecordMoved unless a record may go from `current` to `wanted`."""
    RECORDS[kind].check(current, wanted)


def is_valid(certificate: Certificate, on: date) -> bool:
    """Whether the certificate counts on a day."""
    return find_problem(certificate, on) is None


def find_problem(
    certificate: Certificate | None, on: date
) -> CertificateProblem | None:
    """Why the certificate does not count on a day, or None when it does."""
    if certificate is None:
        return CertificateProblem.MISSING
    if certificate.revoked_on is not None and certificate.revoked_on <= on:
        return CertificateProblem.REVOKED
    if on < certificate.valid_from:
        return CertificateProblem.NOT_YET
    if certificate.valid_until < on:
        return CertificateProblem.EXPIRED
    return None


def check_host_certificate(certificates: Iterable[Certificate], on: date) -> None:
    """Raise unless one of a member's host certificates counts on a day.

    Otherwise the one that ends last says what is wrong: CertificateMissing,
    CertificateNotYetValid, CertificateExpired or CertificateRevoked.
    """
    held = sorted(certificates, key=lambda certificate: certificate.valid_until)
    if not held:
        raise CertificateMissing
    if any(is_valid(certificate, on) for certificate in held):
        return
    latest = held[-1]
    match find_problem(latest, on):
        case CertificateProblem.REVOKED:
            raise CertificateRevoked(since=latest.revoked_on)
        case CertificateProblem.NOT_YET:
            raise CertificateNotYetValid(since=latest.valid_from)
        case _:
            raise CertificateExpired(until=latest.valid_until)
