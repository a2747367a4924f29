"""Certificates: the host's proof that live sales ask for, and public verification."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from core.access import Actor
from core.database import db
from core.errors import NotFound
from domain import training
from domain.training import ENTERERS, CertificateKind
from models.accounts import Account
from models.training import Certificate
from queries.training.members import in_reach


@dataclass(frozen=True, kw_only=True)
class HeldCertificate(training.CertificateDays):
    """A certificate of one member; the holder's name is not masked yet."""

    id: int
    account_id: int
    holder: str
    kind: CertificateKind
    number: str
    issuer: str


def certificates_of(account_id: int) -> Sequence[HeldCertificate]:
    """A member's certificates of every kind, the longest valid first."""
    rows = db.session.execute(
        _certificates()
        .where(Certificate.account_id == account_id)
        .order_by(Certificate.valid_until.desc(), Certificate.id.desc())
    )
    return [_held(row) for row in rows]


def get_certificate(certificate_id: int, actor: Actor) -> HeldCertificate:
    """A certificate that `actor` may withdraw. Raises NotFound."""
    row = db.session.execute(
        _certificates().where(
            Certificate.id == certificate_id,
            in_reach(Certificate, actor, *ENTERERS),
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return _held(row)


def find_certificate_by_number(number: str) -> HeldCertificate | None:
    """The certificate with this number, or None: for anyone who scans one."""
    row = db.session.execute(
        _certificates().where(Certificate.number == number)
    ).one_or_none()
    return _held(row) if row else None


def check_host_certificate(account_id: int, on: date) -> None:
    """Raise the CertificateMissing, …NotYetValid, …Expired or …Revoked it is."""
    held = certificates_of(account_id)
    training.check_host_certificate(
        (one for one in held if one.kind is CertificateKind.LIVE_HOST), on
    )


def _certificates() -> Select[*tuple[Any, ...]]:
    return select(
        Certificate.id,
        Certificate.account_id,
        Account.name.label("holder"),
        Certificate.kind,
        Certificate.number,
        Certificate.issuer,
        Certificate.valid_from,
        Certificate.valid_until,
        Certificate.revoked_on,
    ).join(Account, Account.id == Certificate.account_id)


def _held(row: Any) -> HeldCertificate:
    return HeldCertificate(**{**row._mapping, "kind": CertificateKind(row.kind)})
