"""Training: three lives of records, and certificates that count on a day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from domain.training import (
    ACTIONS,
    RECORDS,
    CertificateDays,
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
    states_of,
)

DAY = date(2026, 3, 11)


def year(number: int, revoked_on: date | None = None) -> CertificateDays:
    """A certificate of a whole year."""
    first, last = date(number, 1, 1), date(number, 12, 31)
    return CertificateDays(valid_from=first, valid_until=last, revoked_on=revoked_on)


GOOD = year(2026)
OLD = year(2024)
FUTURE = year(2027)
REVOKED = year(2026, revoked_on=date(2026, 2, 1))

days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
certificates = st.builds(
    lambda start, length, revoked: CertificateDays(
        valid_from=start,
        valid_until=start + timedelta(days=length),
        revoked_on=revoked,
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


def test_every_state_has_words_and_every_move_a_button() -> None:
    assert all(state.label for state in RecordState)
    firsts = {states_of(kind)[0] for kind in RecordKind}
    assert set(RecordState) - set(ACTIONS) == firsts


@pytest.mark.parametrize(
    ("certificate", "day", "problem"),
    [
        (GOOD, DAY, None),
        (GOOD, date(2025, 12, 31), CertificateProblem.NOT_YET),
        (GOOD, date(2026, 1, 1), None),
        (GOOD, date(2026, 12, 31), None),
        (GOOD, date(2027, 1, 1), CertificateProblem.EXPIRED),
        (REVOKED, date(2026, 1, 31), None),
        (REVOKED, date(2026, 2, 1), CertificateProblem.REVOKED),
        (REVOKED, date(2027, 1, 1), CertificateProblem.REVOKED),
    ],
)
def test_a_certificate_counts_from_its_first_day_to_its_last(
    certificate: CertificateDays, day: date, problem: CertificateProblem | None
) -> None:
    assert certificate.find_problem(day) is problem


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
    held: list[CertificateDays], error: type[DomainError], word: str
) -> None:
    with pytest.raises(error) as refused:
        check_host_certificate(held, DAY)
    assert word in refused.value.text


@given(st.lists(certificates, max_size=5), days)
def test_one_good_certificate_is_enough(held: list[CertificateDays], on: date) -> None:
    try:
        check_host_certificate(held, on)
        allowed = True
    except DomainError:
        allowed = False
    assert allowed == any(one.find_problem(on) is None for one in held)
