"""Certificates: the host's proof that live sales ask for, and public verification."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.database import db
from domain import training
from domain.training import CertificateKind, CertificateProblem
from models.accounts import Account
from models.training import Certificate


@dataclass(frozen=True)
class HeldCertificate:
    """A certificate of one member; both days are included in its validity."""

    id: int
    account_id: int
    kind: CertificateKind
    number: str
    issuer: str
    valid_from: date
    valid_until: date
    revoked_on: date | None

    def find_problem(self, on: date) -> CertificateProblem | None:
        """Why it does not count on a day, or None when it does."""
        return training.find_problem(self.span, on)

    @property
    def span(self) -> training.Certificate:
        """The days on which it counts, for the rules of domain.training."""
        return training.Certificate(self.valid_from, self.valid_until, self.revoked_on)


@dataclass(frozen=True)
class PublicCertificate:
    """What anyone who scans a certificate may know; the name is not masked yet."""

    certificate: HeldCertificate
    holder: str


@dataclass(frozen=True)
class HostProblem:
    """Why a member may not host on a day.

    day: when the certificate starts, ended or was withdrawn; None when there is
    none. number: the certificate it is about.
    """

    problem: CertificateProblem
    number: str | None = None
    day: date | None = None


def certificates_of(account_id: int) -> Sequence[HeldCertificate]:
    """A member's certificates of every kind, the longest valid first."""
    rows = db.session.execute(
        select(*_COLUMNS)
        .where(Certificate.account_id == account_id)
        .order_by(Certificate.valid_until.desc(), Certificate.id.desc())
    )
    return [_held(row) for row in rows]


def find_certificate(certificate_id: int) -> HeldCertificate | None:
    """A certificate by its id, or None; the caller checks who holds it."""
    row = db.session.execute(
        select(*_COLUMNS).where(Certificate.id == certificate_id)
    ).one_or_none()
    return _held(row) if row else None


def find_host_certificate(account_id: int, on: date) -> HeldCertificate | None:
    """The host certificate that lets a member go live on a day, or None."""
    held = _host_certificates(account_id)
    return next((one for one in held if one.find_problem(on) is None), None)


def find_host_problem(account_id: int, on: date) -> HostProblem | None:
    """Why a member may not host on a day, or None when they may.

    Of several certificates the one that ends last says what is wrong.
    """
    held = _host_certificates(account_id)
    if not held:
        return HostProblem(CertificateProblem.MISSING)
    if any(one.find_problem(on) is None for one in held):
        return None
    latest = held[0]
    problem = latest.find_problem(on)
    days = {
        CertificateProblem.NOT_YET: latest.valid_from,
        CertificateProblem.EXPIRED: latest.valid_until,
        CertificateProblem.REVOKED: latest.revoked_on,
    }
    return HostProblem(problem, latest.number, days[problem]) if problem else None


def check_host_certificate(account_id: int, on: date) -> None:
    """Raise the CertificateMissing, …NotYetValid, …Expired or …Revoked it is."""
    training.check_host_certificate(
        (one.span for one in _host_certificates(account_id)), on
    )


def find_public_certificate(number: str) -> PublicCertificate | None:
    """The certificate with this number and its holder's name, or None."""
    row = db.session.execute(
        select(*_COLUMNS, Account.name)
        .join(Account, Account.id == Certificate.account_id)
        .where(Certificate.number == number)
    ).one_or_none()
    return PublicCertificate(_held(row), row.name) if row else None


_COLUMNS = (
    Certificate.id,
    Certificate.account_id,
    Certificate.kind,
    Certificate.number,
    Certificate.issuer,
    Certificate.valid_from,
    Certificate.valid_until,
    Certificate.revoked_on,
)


def _host_certificates(account_id: int) -> Sequence[HeldCertificate]:
    held = certificates_of(account_id)
    return [one for one in held if one.kind is CertificateKind.LIVE_HOST]


def _held(row: object) -> HeldCertificate:
    values = {column.key: getattr(row, column.key) for column in _COLUMNS}
    return HeldCertificate(**values | {"kind": CertificateKind(values["kind"])})
