"""Training records and certificates of the alliance's members."""

from datetime import date, timedelta

from commands.demo.people import People
from core.clock import today
from core.database import db
from domain.training import Ability, CertificateKind, RecordKind, RecordState
from models.training import Certificate, TrainingRecord

ISSUER = "区青年联盟培训中心（演示）"
TWO_YEARS = timedelta(days=730)

COURSES = (
    ("农产品标签与广告法", "培训中心", 4, (Ability.THEORY, Ability.ENTREPRENEURSHIP)),
    ("直播间话术与售后", "培训中心", 6, (Ability.ENTREPRENEURSHIP, Ability.SERVICE)),
    ("个人信息保护", "线上", 2, (Ability.THEORY, Ability.SERVICE)),
    ("党史学习：走进红色旧址", "镇红色教育点", 4, (Ability.THEORY,)),
)
PRACTICES = (
    ("秋收跟班：挖薯装箱", "五色崖村", (Ability.SERVICE, Ability.GOVERNANCE)),
    ("入户走访：谁家姜还没卖", "南峪村", (Ability.SERVICE, Ability.GOVERNANCE)),
)


def keep_training_records(people: People) -> None:
    """Certificates for all but the newest member, courses, practice, mentoring."""
    for index, member_id in enumerate(people.members):
        if index < len(people.members) - 1:
            _certify(member_id, index, people)
        _attend(member_id, index, people)
        _practise(member_id, index, people)
    _mentor(people)
    db.session.flush()


def _certify(member_id: int, index: int, people: People) -> None:
    """One certificate ran out last month; its holder sees what is missing."""
    expired = index == len(people.members) - 2
    starts = today() - TWO_YEARS - timedelta(days=60)
    ends = today() - timedelta(days=30) if expired else today() + TWO_YEARS / 2
    db.session.add(
        Certificate(
            account_id=member_id,
            kind=CertificateKind.LIVE_HOST,
            number=f"ZB-{starts:%Y}-{index + 1:04d}",
            issuer=ISSUER,
            valid_from=starts,
            valid_until=ends,
            entered_by=people.by_number[12],
        )
    )


def _attend(member_id: int, index: int, people: People) -> None:
    for number, (title, place, hours, abilities) in enumerate(COURSES):
        day = today() - timedelta(days=40 + number * 95 + index * 6)
        passed = (number + index) % 4 != 3
        db.session.add(
            _record(
                member_id,
                RecordKind.BUSINESS,
                RecordState.PASSED if passed else RecordState.ATTENDED,
                title,
                people,
                place=place,
                hours=hours,
                abilities=abilities,
                started_on=day,
                ended_on=day,
            )
        )


def _practise(member_id: int, index: int, people: People) -> None:
    for number, (title, place, abilities) in enumerate(PRACTICES):
        day = today() - timedelta(days=25 + number * 180 + index * 9)
        db.session.add(
            _record(
                member_id,
                RecordKind.PRACTICE,
                RecordState.CONFIRMED if number else RecordState.REPORTED,
                title,
                people,
                place=place,
                hours=16,
                abilities=abilities,
                started_on=day,
                ended_on=day + timedelta(days=4),
            )
        )


def _mentor(people: People) -> None:
    """Those who have hosted longest each help a newer one."""
    pairs = zip(people.members[2:], people.members[:3], strict=False)
    for number, (learner, mentor) in enumerate(pairs):
        done = number == 0
        day = today() - timedelta(days=200 - number * 60)
        record = _record(
            learner,
            RecordKind.MENTORING,
            RecordState.COMPLETED if done else RecordState.ACTIVE,
            "跟播带教：从试播到独立开播",
            people,
            place="联盟直播间",
            hours=24,
            abilities=(Ability.ENTREPRENEURSHIP, Ability.SERVICE),
            started_on=day,
            ended_on=day + timedelta(days=90) if done else None,
        )
        record.mentor_id = mentor
        db.session.add(record)


def _record(
    member_id: int,
    kind: RecordKind,
    state: RecordState,
    title: str,
    people: People,
    *,
    place: str,
    hours: int,
    abilities: tuple[Ability, ...],
    started_on: date,
    ended_on: date | None,
) -> TrainingRecord:
    return TrainingRecord(
        account_id=member_id,
        kind=kind,
        state=state,
        title=title,
        place=place,
        hours=hours,
        abilities=",".join(abilities),
        started_on=started_on,
        ended_on=ended_on,
        entered_by=people.by_number[12],
        request_id=f"demo-{member_id}-{kind}-{started_on:%Y%m%d}-{title[:6]}",
    )
