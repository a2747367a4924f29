"""Training records through their lives, and certificates that count or do not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.access import HOUSE, Grant, SignedIn
from core.clock import today
from core.database import db, transaction
from core.errors import NotFound, StateChanged
from domain.roles import Role, ScopeKind
from domain.training import (
    RECORDS,
    Ability,
    CertificateExpired,
    CertificateKind,
    CertificateMissing,
    CertificateRevoked,
    RecordKind,
    RecordMoved,
    RecordState,
    states_of,
)
from models.alliances import AllianceMember
from models.history import StateChange
from models.training import Certificate, TrainingRecord
from queries.training.certificates import check_host_certificate
from queries.training.members import members_in_scope
from queries.training.records import (
    ability_sums,
    kind_sums,
    mentored_count,
    records_in_scope,
    records_of,
)
from services import training
from services.accounts.sessions import grant_role
from tests.support.books import Books
from tests.support.factories import make_place
from tests.support.opening import open_books

DAY = date(2026, 3, 10)


@pytest.fixture
def books() -> Iterator[Books]:
    with transaction():
        yield open_books()


@pytest.fixture
def trainer(books: Books) -> SignedIn:
    grant = (Role.TRAINER, ScopeKind.ALLIANCE, books.alliance.id)
    grant_role(HOUSE, books.people["李老师"].id, Grant(*grant))
    return books.actor(grant, name="李老师")


def record(books: Books, **changes: object) -> training.RecordDraft:
    draft = training.RecordDraft(
        request_id="record-1",
        account_id=books.people["周晓雯"].id,
        kind=RecordKind.BUSINESS,
        title="农产品标签与广告法",
        started_on=DAY,
        ended_on=None,
        place="区融媒体中心",
        hours=2,
        abilities=[Ability.THEORY, Ability.SERVICE],
        mentor_id=None,
        note="",
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def certificate(books: Books, **changes: object) -> training.CertificateDraft:
    draft = training.CertificateDraft(
        request_id="certificate-1",
        account_id=books.people["周晓雯"].id,
        kind=CertificateKind.LIVE_HOST,
        number="LW-2026-0912",
        issuer="区人社局",
        valid_from=DAY,
        valid_until=DAY + timedelta(days=364),
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def test_a_record_starts_its_kinds_life_and_is_entered_once(
    books: Books, trainer: SignedIn
) -> None:
    first = training.enter_record(trainer, record(books))
    assert training.enter_record(trainer, record(books)) == first
    [row] = records_of(books.people["周晓雯"].id, 1).items
    assert row.state is RecordState.ENROLLED
    assert row.abilities == (Ability.THEORY, Ability.SERVICE)
    assert row.next_states == (RecordState.ATTENDED, RecordState.ABSENT)


def test_of_two_equal_requests_at_once_one_is_entered(
    monkeypatch: pytest.MonkeyPatch, books: Books, trainer: SignedIn
) -> None:
    first = training.enter_record(trainer, record(books))
    paper = training.enter_certificate(trainer, certificate(books))
    monkeypatch.setattr("services.training.find_known", lambda *_asked: None)

    assert training.enter_record(trainer, record(books)) == first
    again = certificate(books, number="LW-2026-0913")
    assert training.enter_certificate(trainer, again) == paper
    monkeypatch.setattr("services.requests.find_known", lambda *_asked: None)
    with pytest.raises(StateChanged):
        training.enter_certificate(trainer, again)


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_kind_runs_from_its_first_state_to_an_end(
    books: Books, trainer: SignedIn, kind: RecordKind
) -> None:
    mentor = trainer.account_id if kind is RecordKind.MENTORING else None
    record_id = training.enter_record(
        trainer, record(books, kind=kind, mentor_id=mentor)
    )
    machine, state = RECORDS[kind], states_of(kind)[0]
    while not machine.is_final(state):
        following = [s for s in states_of(kind) if machine.allows(state, s)]
        state = following[-1] if following[-1] != "stopped" else following[-2]
        training.move_record(trainer, record_id, state, "")
    row = db.session.get_one(TrainingRecord, record_id, populate_existing=True)
    assert row.state == state
    if kind is RecordKind.MENTORING:
        assert row.ended_on == today()


def test_a_step_out_of_turn_is_refused(books: Books, trainer: SignedIn) -> None:
    record_id = training.enter_record(trainer, record(books))
    with pytest.raises(RecordMoved):
        training.move_record(trainer, record_id, RecordState.PASSED, "")
    with pytest.raises(RecordMoved):
        training.move_record(trainer, record_id, RecordState.CONFIRMED, "")


def test_stopping_needs_a_reason_and_history_keeps_it(
    books: Books, trainer: SignedIn
) -> None:
    record_id = training.enter_record(trainer, record(books, kind=RecordKind.PRACTICE))
    with pytest.raises(training.ReasonMissing):
        training.move_record(trainer, record_id, RecordState.STOPPED, " ")
    training.move_record(trainer, record_id, RecordState.STOPPED, "调走了")
    db.session.flush()
    steps = db.session.scalars(
        select(StateChange)
        .where(StateChange.record_kind == "training_record")
        .order_by(StateChange.id)
    ).all()
    assert [(s.to_state, s.reason) for s in steps] == [
        ("assigned", ""),
        ("stopped", "调走了"),
    ]


def test_mentoring_names_a_mentor_in_reach(books: Books, trainer: SignedIn) -> None:
    mentoring = record(books, kind=RecordKind.MENTORING)
    strangers = (None, mentoring.account_id, books.people["张干部"].id, 999)
    for mentor in strangers:
        with pytest.raises(training.MentorMissing):
            training.enter_record(trainer, replace(mentoring, mentor_id=mentor))
    with pytest.raises(training.MentorNotAsked):
        training.enter_record(trainer, record(books, mentor_id=trainer.account_id))
    training.enter_record(trainer, replace(mentoring, mentor_id=trainer.account_id))
    assert mentored_count(trainer.account_id) == 1


def test_missed_courses_count_for_nothing(books: Books, trainer: SignedIn) -> None:
    member = books.people["周晓雯"].id
    training.enter_record(trainer, record(books))
    missed = training.enter_record(trainer, record(books, request_id="record-2"))
    training.move_record(trainer, missed, RecordState.ABSENT, "")

    sums = kind_sums(member)[RecordKind.BUSINESS]
    assert (sums.count, sums.hours) == (1, 2)
    by_ability = ability_sums(member)
    assert by_ability[Ability.THEORY].hours == by_ability[Ability.SERVICE].hours == 2
    assert by_ability[Ability.GOVERNANCE].count == 0


def test_an_auditor_reads_and_enters_nothing(books: Books) -> None:
    auditor = books.actor((Role.AUDITOR, ScopeKind.DISTRICT, 0), name="张干部")
    assert members_in_scope(auditor, 1).total == 1
    with pytest.raises(NotFound):
        training.enter_record(auditor, record(books))


def test_nobody_keeps_the_own_portfolio(books: Books) -> None:
    lead = books.actor(
        (Role.LEAD, ScopeKind.ALLIANCE, books.alliance.id), name="周晓雯"
    )
    with pytest.raises(training.OwnRecord):
        training.enter_record(lead, record(books))
    with pytest.raises(training.OwnRecord):
        training.enter_certificate(lead, certificate(books))


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        (ScopeKind.ALLIANCE, "alliance"),
        (ScopeKind.TOWN, "town"),
        (ScopeKind.DISTRICT, ""),
    ],
)
def test_a_trainer_guides_whom_the_alliances_lead_keeps(
    books: Books, kind: ScopeKind, scope: str
) -> None:
    """Wherever the trainer was granted the role: here, in the town, for all."""
    teacher = books.people["李老师"].id
    scope_id = getattr(books, scope).id if scope else 0
    grant_role(HOUSE, teacher, Grant(Role.TRAINER, kind, scope_id))
    lead = books.actor((Role.LEAD, ScopeKind.ALLIANCE, books.alliance.id))

    mentoring = record(books, kind=RecordKind.MENTORING, mentor_id=teacher)
    assert training.enter_record(lead, mentoring)


def test_a_trainer_of_elsewhere_guides_nobody_here(books: Books) -> None:
    teacher, other = books.people["李老师"].id, make_place("雪野")
    grant_role(
        HOUSE, teacher, Grant(Role.TRAINER, ScopeKind.ALLIANCE, other.alliance_id)
    )
    grant_role(HOUSE, teacher, Grant(Role.TRAINER, ScopeKind.TOWN, other.town_id))
    lead = books.actor((Role.LEAD, ScopeKind.ALLIANCE, books.alliance.id))

    mentoring = record(books, kind=RecordKind.MENTORING, mentor_id=teacher)
    with pytest.raises(training.MentorMissing):
        training.enter_record(lead, mentoring)


def test_a_member_who_left_is_out_of_reach(books: Books, trainer: SignedIn) -> None:
    """Also for the district, which sees everything else."""
    entered = training.enter_record(trainer, record(books))
    row = db.session.scalars(select(AllianceMember)).one()
    row.left_on = today() - timedelta(days=1)
    db.session.flush()

    district = books.actor((Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, 0))
    for officer in (trainer, district):
        assert records_in_scope(officer).total == 0
        with pytest.raises(NotFound):
            training.move_record(officer, entered, RecordState.ATTENDED, "")
        with pytest.raises(NotFound):
            training.enter_record(officer, record(books, request_id="record-9"))


def test_a_host_certificate_counts_on_its_days(books: Books, trainer: SignedIn) -> None:
    draft = certificate(books)
    with pytest.raises(CertificateMissing):
        check_host_certificate(draft.account_id, DAY)

    training.enter_certificate(trainer, draft)
    for day in (DAY, draft.valid_until):
        check_host_certificate(draft.account_id, day)
    with pytest.raises(CertificateExpired) as expired:
        check_host_certificate(draft.account_id, draft.valid_until + timedelta(days=1))
    assert expired.value.params == {"until": draft.valid_until}


def test_a_course_certificate_lets_nobody_host(books: Books, trainer: SignedIn) -> None:
    course = certificate(books, kind=CertificateKind.COURSE)
    training.enter_certificate(trainer, course)
    with pytest.raises(CertificateMissing):
        check_host_certificate(course.account_id, DAY)


@pytest.mark.parametrize(
    ("enter", "draft", "refusal"),
    [
        (training.enter_record, record, training.DatesReversed),
        (training.enter_certificate, certificate, training.ValidityReversed),
    ],
)
def test_no_last_day_lies_before_the_first(
    books: Books,
    trainer: SignedIn,
    enter: Callable[..., int],
    draft: Callable[..., object],
    refusal: type[Exception],
) -> None:
    day = {"ended_on" if draft is record else "valid_until": DAY - timedelta(days=1)}
    with pytest.raises(refusal):
        enter(trainer, draft(books, **day))


def test_a_revoked_certificate_counts_no_more(books: Books, trainer: SignedIn) -> None:
    long = certificate(books, valid_until=date(2099, 1, 1))
    certificate_id = training.enter_certificate(trainer, long)
    with pytest.raises(training.ReasonMissing):
        training.revoke_certificate(trainer, certificate_id, "")
    training.revoke_certificate(trainer, certificate_id, "夸大宣传")

    with pytest.raises(CertificateRevoked):
        check_host_certificate(long.account_id, today())
    with pytest.raises(StateChanged):
        training.revoke_certificate(trainer, certificate_id, "再来")


def test_a_certificate_number_is_taken_once(books: Books, trainer: SignedIn) -> None:
    first = training.enter_certificate(trainer, certificate(books))
    assert training.enter_certificate(trainer, certificate(books)) == first
    with pytest.raises(training.CertificateNumberTaken):
        training.enter_certificate(
            trainer, certificate(books, request_id="certificate-2")
        )
    assert len(db.session.scalars(select(Certificate)).all()) == 1
