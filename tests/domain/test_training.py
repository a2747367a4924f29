"""Training: three lives of records, and certificates that count on a day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from domain.training import (
    RECORDS,
    Certificate,
    CertificateExpired,
    CertificateMissing,
    CertificateNotYetValid,
    CertificateProblem,
    CertificateRevoked,
    RecordKind,
    RecordMoved,
    RecordState,
    check_host_certificate,
    check_transition,
    find_problem,
    is_valid,
    states_of,
)

DAY = date(2026, 3, 11)
GOOD = Certificate(date(2026, 1, 1), date(2026, 12, 31))
OLD = Certificate(date(2024, 1, 1), date(2024, 12, 31))
FUTURE = Certificate(date(2027, 1, 1), date(2027, 12, 31))
REVOKED = Certificate(date(2026, 1, 1), date(2026, 12, 31), date(2026, 2, 1))

days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
certificates = st.builds(
    lambda start, length, revoked: Certificate(
        start, start + timedelta(days=length), revoked
    ),
    days,
    st.integers(0, 900),
    st.none() | days,
)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (RecordKind.MENTORING, "agreed active reviewed active reviewed completed"),
        (RecordKind.MENTORING, "agreed stopped"),
        (RecordKind.BUSINESS, "enrolled attended failed passed"),
        (RecordKind.BUSINESS, "enrolled absent"),
        (RecordKind.PRACTICE, "assigned active reported active reported confirmed"),
    ],
)
def test_each_kind_has_its_own_life(kind: RecordKind, path: str) -> None:
    states = path.split()
    assert states[0] == states_of(kind)[0]
    for current, wanted in pairwise(states):
        check_transition(kind, current, wanted)


@pytest.mark.parametrize(
    ("kind", "current", "wanted"),
    [
        (RecordKind.MENTORING, "agreed", "completed"),
        (RecordKind.BUSINESS, "enrolled", "passed"),
        (RecordKind.BUSINESS, "agreed", "active"),
        (RecordKind.PRACTICE, "active", "confirmed"),
    ],
)
def test_no_step_of_a_life_is_skipped(
    kind: RecordKind, current: str, wanted: str
) -> None:
    with pytest.raises(RecordMoved):
        check_transition(kind, current, wanted)


def test_every_state_belongs_to_a_life() -> None:
    assert set(RECORDS) == set(RecordKind)
    lived = {state for kind in RecordKind for state in states_of(kind)}
    assert lived == set(RecordState)


def test_both_ends_of_validity_are_included() -> None:
    assert is_valid(GOOD, GOOD.valid_from)
    assert is_valid(GOOD, GOOD.valid_until)
    assert not is_valid(GOOD, GOOD.valid_from - timedelta(days=1))
    assert not is_valid(GOOD, GOOD.valid_until + timedelta(days=1))


@pytest.mark.parametrize(
    ("certificate", "problem"),
    [
        (GOOD, None),
        (None, CertificateProblem.MISSING),
        (OLD, CertificateProblem.EXPIRED),
        (FUTURE, CertificateProblem.NOT_YET),
        (REVOKED, CertificateProblem.REVOKED),
    ],
)
def test_what_is_wrong_with_a_certificate(
    certificate: Certificate | None, problem: CertificateProblem | None
) -> None:
    assert find_problem(certificate, DAY) is problem


def test_before_it_was_revoked_a_certificate_counted() -> None:
    assert is_valid(REVOKED, date(2026, 1, 31))
    assert not is_valid(REVOKED, date(2026, 2, 1))


@pytest.mark.parametrize(
    ("held", "error", "word"),
    [
        ([], CertificateMissing, "还没有"),
        ([OLD], CertificateExpired, "2024-12-31"),
        ([OLD, FUTURE], CertificateNotYetValid, "2027-01-01"),
        ([REVOKED, OLD], CertificateRevoked, "2026-02-01"),
    ],
)
def test_a_host_is_told_what_is_missing(
    held: list[Certificate], error: type[DomainError], word: str
) -> None:
    with pytest.raises(error) as refused:
        check_host_certificate(held, DAY)
    assert word in refused.value.text


@given(st.lists(certificates, max_size=5), days)
def test_one_good_certificate_is_enough(held: list[Certificate], on: date) -> None:
    try:
        check_host_certificate(held, on)
        allowed = True
    except DomainError:
        allowed = False
    assert allowed == any(is_valid(certificate, on) for certificate in held)
