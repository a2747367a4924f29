"""Training records and certificates of the alliance's members."""

from datetime import date, timedelta
from typing import Any

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
    ("秋收跟班：挖薯装箱", "五色崖村"),
    ("入户走访：谁家姜还没卖", "南峪村"),
)
MENTORING = "跟播带教：从试播到独立开播"


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
        _record(
            people,
            member_id,
            RecordKind.BUSINESS,
            title=title,
            state=RecordState.PASSED if passed else RecordState.ATTENDED,
            place=place,
            hours=hours,
            abilities=",".join(abilities),
            started_on=day,
            ended_on=day,
        )


def _practise(member_id: int, index: int, people: People) -> None:
    for number, (title, place) in enumerate(PRACTICES):
        day = today() - timedelta(days=25 + number * 180 + index * 9)
        _record(
            people,
            member_id,
            RecordKind.PRACTICE,
            title=title,
            state=RecordState.CONFIRMED if number else RecordState.REPORTED,
            place=place,
            hours=16,
            abilities=f"{Ability.SERVICE},{Ability.GOVERNANCE}",
            started_on=day,
            ended_on=day + timedelta(days=4),
        )


def _mentor(people: People) -> None:
    """Those who have hosted longest each help a newer one."""
    pairs = zip(people.members[2:], people.members[:3], strict=False)
    for number, (learner, mentor) in enumerate(pairs):
        done = number == 0
        day = today() - timedelta(days=200 - number * 60)
        _record(
            people,
            learner,
            RecordKind.MENTORING,
            title=MENTORING,
            state=RecordState.COMPLETED if done else RecordState.ACTIVE,
            place="联盟直播间",
            hours=24,
            abilities=f"{Ability.ENTREPRENEURSHIP},{Ability.SERVICE}",
            started_on=day,
            ended_on=day + timedelta(days=90) if done else None,
            mentor_id=mentor,
        )


def _record(
    people: People,
    member_id: int,
    kind: RecordKind,
    *,
    title: str,
    started_on: date,
    **facts: Any,
) -> None:
    db.session.add(
        TrainingRecord(
            account_id=member_id,
            kind=kind,
            title=title,
            started_on=started_on,
            entered_by=people.by_number[12],
            request_id=f"demo-{member_id}-{kind}-{started_on:%Y%m%d}-{title[:6]}",
            **facts,
        )
    )
