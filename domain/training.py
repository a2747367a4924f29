"""Training: records of three kinds, each with its own life, and certificates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.errors import N_, Conflict, DomainError
from domain.roles import Role
from domain.states import Labelled, StateMachine, moves

ENTERERS = (Role.TRAINER, Role.LEAD, Role.TOWN_OFFICER, Role.DISTRICT_OFFICER)
"""Who enters records and certificates, of others only."""
READERS = (*ENTERERS, Role.AUDITOR)
"""Who else reads them; everyone reads the own ones."""


class RecordMoved(Conflict):
    """The record is no longer in a state that allows this."""

    code = "record_moved"
    message = N_("这条记录的状态已经变了，请刷新页面再看。")


class NotCertified(DomainError):
    """A host needs a certificate that holds on the day."""

    status = 403
    code = "not_certified"
    field = "host_id"


class CertificateMissing(NotCertified):
    """There is no certificate of the kind at all."""

    code = "certificate_missing"
    message = N_("培训档案里还没有主播证，请先参加培训，由组织员登记。")


class CertificateNotYetValid(NotCertified):
    """The certificate starts later."""

    code = "certificate_not_yet_valid"
    message = N_("主播证从 %(since)s 起才生效，请改到那天以后。")


class CertificateExpired(NotCertified):
    """The certificate has run out."""

    code = "certificate_expired"
    message = N_("主播证已在 %(until)s 到期，请先换新证。")


class CertificateRevoked(NotCertified):
    """The certificate was withdrawn."""

    code = "certificate_revoked"
    message = N_("主播证已在 %(since)s 被收回，请联系组织员。")


class RecordKind(Labelled):
    """The three kinds of records."""

    MENTORING = "mentoring", N_("帮带"), "leaf"
    BUSINESS = "business", N_("业务培训"), "tuber"
    PRACTICE = "practice", N_("一线锻炼"), "buy"


ICONS: Mapping[RecordKind, str] = {
    RecordKind.MENTORING: "users",
    RecordKind.BUSINESS: "book-open",
    RecordKind.PRACTICE: "sprout",
}


class RecordState(Labelled):
    """Every state of the three lives; see RECORDS for which belongs to which."""

    AGREED = "agreed", N_("约好了"), "ginger"
    ACTIVE = "active", N_("进行中"), "ginger"
    REVIEWED = "reviewed", N_("评过一次"), "ginger"
    COMPLETED = "completed", N_("带出师了"), "leaf"
    STOPPED = "stopped", N_("中止了"), "ginger"
    ENROLLED = "enrolled", N_("报了名"), "ginger"
    ATTENDED = "attended", N_("到课了"), "leaf"
    PASSED = "passed", N_("合格"), "leaf"
    FAILED = "failed", N_("没通过"), "ginger"
    ABSENT = "absent", N_("没到课"), "ginger"
    ASSIGNED = "assigned", N_("派下去了"), "ginger"
    REPORTED = "reported", N_("交了小结"), "ginger"
    CONFIRMED = "confirmed", N_("确认完成"), "leaf"

    @property
    def is_done(self) -> bool:
        """Whether the member did what the record is about: those are green."""
        return self.tone == "leaf"


ACTIONS: Mapping[RecordState, str] = {
    RecordState.ACTIVE: N_("开始／继续"),
    RecordState.REVIEWED: N_("评一次"),
    RecordState.COMPLETED: N_("带出师"),
    RecordState.STOPPED: N_("中止"),
    RecordState.ATTENDED: N_("记到课"),
    RecordState.PASSED: N_("记合格"),
    RecordState.FAILED: N_("记没通过"),
    RecordState.ABSENT: N_("记没到课"),
    RecordState.REPORTED: N_("收到小结"),
    RecordState.CONFIRMED: N_("确认完成"),
}
"""What the button says that leads to a state."""

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

OPEN = frozenset(
    RecordState(state)
    for machine in RECORDS.values()
    for state in machine.moves
    if not machine.is_final(state)
) - {RecordState.FAILED}
"""Whoever keeps the record has still something to enter."""


class Ability(Labelled):
    """What an activity serves."""

    THEORY = "theory", N_("理论"), "tuber"
    GOVERNANCE = "governance", N_("基层治理"), "leaf"
    SERVICE = "service", N_("服务群众"), "ginger"
    ENTREPRENEURSHIP = "entrepreneurship", N_("创新创业"), "buy"


class CertificateKind(Labelled):
    """What a certificate proves."""

    LIVE_HOST = "live_host", N_("主播证")
    COURSE = "course", N_("结业证")


class CertificateState(Labelled):
    """What was done with a certificate, in its history."""

    VALID = "valid", N_("登记了")
    REVOKED = "revoked", N_("收回了")


class CertificateProblem(StrEnum):
    """Why nobody may rely on a certificate on a day."""

    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class CertificateDays:
    """The days on which a certificate counts; both ends included.

    revoked_on: the first day on which it no longer counts.
    """

    valid_from: date
    valid_until: date
    revoked_on: date | None = None

    def find_problem(self, on: date) -> CertificateProblem | None:
        """Why it does not count on a day, or None when it does."""
        if self.revoked_on is not None and self.revoked_on <= on:
            return CertificateProblem.REVOKED
        if on < self.valid_from:
            return CertificateProblem.NOT_YET
        if self.valid_until < on:
            return CertificateProblem.EXPIRED
        return None


def states_of(kind: RecordKind) -> tuple[RecordState, ...]:
    """The states of one kind's life, the first one first."""
    return tuple(RecordState(state) for state in RECORDS[kind].moves)


def check_transition(kind: RecordKind, current: str, wanted: str) -> None:
    """Raise RecordMoved unless a record may go from `current` to `wanted`."""
    RECORDS[kind].check(current, wanted)


def check_host_certificate(certificates: Iterable[CertificateDays], on: date) -> None:
    """Raise unless one of a member's host certificates counts on a day.

    Otherwise the one that ends last says what is wrong: CertificateMissing,
    CertificateNotYetValid, CertificateExpired or CertificateRevoked.
    """
    held = sorted(certificates, key=lambda certificate: certificate.valid_until)
    if not held:
        raise CertificateMissing
    if any(certificate.find_problem(on) is None for certificate in held):
        return
    latest = held[-1]
    match latest.find_problem(on):
        case CertificateProblem.REVOKED:
            raise CertificateRevoked(since=latest.revoked_on)
        case CertificateProblem.NOT_YET:
            raise CertificateNotYetValid(since=latest.valid_from)
        case _:
            raise CertificateExpired(until=latest.valid_until)
