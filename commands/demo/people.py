"""The demo's people: one account a role, a few more hosts, and the families."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sqlalchemy import exists, or_, select, update

from commands.demo.places import FOUNDED, Ground
from core.access import HOUSE, Grant, SignedIn
from core.clock import now, today
from core.config import current_settings
from core.database import db
from domain.roles import Role, ScopeKind
from models.accounts import Account
from models.alliances import AllianceMember
from models.cooperative import Farmer
from queries.accounts import current_grants
from queries.demo.logins import DEMO_PASSWORD
from services.accounts import passwords, sessions

FAMILIES = 14

SURNAMES = "周吴郑孙刘陈杨黄赵徐胡马郭林何罗梁宋谢唐许韩冯邓曹彭曾萧田董"
GIVEN = (
    "晓雯 志强 翠兰 秀英 长河 玉芬 士德 桂花 建国 春梅 德福 海燕 庆丰 丽娟 文斌 "
    "雪梅 立新 金凤 永祥 素珍 家旺 月娥 保田 凤霞 兴邦 淑芹 满仓 巧云 振华 秋菊 "
    "广田 瑞芝 守业 爱莲 学民 彩霞 传福 冬梅 连喜 美玲"
).split()

BUYER = 1
ROLES: dict[int, Role] = {
    **{role.demo: role for role in Role if role.demo},
    16: Role.DISTRICT_OFFICER,
}
"""By the last digits of the phone of whoever holds it; the buyer holds none."""


@dataclass(frozen=True)
class People:
    """Account ids by the last two digits of the phone; members; families."""

    by_number: dict[int, int]
    members: tuple[int, ...]
    families: dict[int, tuple[int, ...]]
    actors: dict[int, SignedIn] = field(default_factory=dict)

    def actor(self, number: int) -> SignedIn:
        """The person with these last digits, as services see them; read once."""
        if number not in self.actors:
            self.actors[number] = actor_of(self.by_number[number])
        return self.actors[number]

    @property
    def host_id(self) -> int:
        """The member who hosts most sessions."""
        return self.by_number[2]


def welcome(ground: Ground, rng: Random) -> People:
    """Open the accounts with their rights, the memberships, and the families."""
    names = _fresh_names(rng)
    password = passwords.hash_password(DEMO_PASSWORD)
    numbers = (BUYER, *sorted(ROLES))
    by_number = {n: _account(n, next(names), password) for n in numbers}
    others = [_account(n, next(names), password) for n in (21, 22, 23)]
    for number, role in ROLES.items():
        _grant(by_number[number], role, ground)
    members = (by_number[2], by_number[3], *others)
    for index, account_id in enumerate(members):
        _join(ground, account_id, late=index > 3)
        _grant(account_id, Role.MEMBER, ground)
    return People(by_number, members, _families(ground, names))


def _fresh_names(rng: Random) -> Iterator[str]:
    used: set[str] = set()
    while True:
        name = some_name(rng)
        if name not in used:
            used.add(name)
            yield name


def _account(number: int, name: str, password_hash: str) -> int:
    account = Account(
        phone=f"138000000{number:02d}",
        name=name,
        password_hash=password_hash,
        phone_proven_at=now(),
    )
    db.session.add(account)
    db.session.flush()
    return account.id


def prove_people() -> None:
    """Let in again who was loaded before phones were proven, by the password shown."""
    phones = [f"138000000{number:02d}" for number in range(100)]
    is_shut = or_(
        Account.phone_proven_at.is_(None),
        Account.password_hash == sessions.NO_PASSWORD,
    )
    shut = Account.phone.in_(phones) & is_shut
    if current_settings().demo and db.session.scalar(select(exists().where(shut))):
        values = {
            "phone_proven_at": now(),
            "password_hash": passwords.hash_password(DEMO_PASSWORD),
        }
        db.session.execute(update(Account).where(shut).values(values))


def _grant(account_id: int, role: Role, ground: Ground) -> None:
    scope_ids = {
        ScopeKind.ALLIANCE: ground.alliance_id,
        ScopeKind.COOPERATIVE: ground.cooperative_id,
        ScopeKind.VILLAGE: ground.villages["五色崖村"],
        ScopeKind.TOWN: ground.town_id,
        ScopeKind.DISTRICT: 0,
    }
    kind = role.scopes[0]
    sessions.grant_role(HOUSE, account_id, Grant(role, kind, scope_ids[kind]))


def _join(ground: Ground, account_id: int, *, late: bool) -> None:
    joined = today() - timedelta(days=300) if late else FOUNDED
    db.session.add(
        AllianceMember(
            alliance_id=ground.alliance_id, account_id=account_id, joined_on=joined
        )
    )


def _families(ground: Ground, names: Iterator[str]) -> dict[int, tuple[int, ...]]:
    families: dict[int, tuple[int, ...]] = {}
    for village_id in ground.villages.values():
        rows = [
            Farmer(
                cooperative_id=ground.cooperative_id,
                village_id=village_id,
                name=next(names),
                shown_publicly=index % 3 != 2,
                joined_on=FOUNDED + timedelta(days=80 + index * 7),
            )
            for index in range(FAMILIES // 2)
        ]
        db.session.add_all(rows)
        db.session.flush()
        families[village_id] = tuple(row.id for row in rows)
    return families


def some_name(rng: Random) -> str:
    """A name that others may have too."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


def actor_of(account_id: int) -> SignedIn:
    """The person as the services see someone who is logged in."""
    account = db.session.get_one(Account, account_id)
    return SignedIn(
        account_id=account.id,
        name=account.name,
        phone=account.phone,
        session_token="",
        confirmed_at=now(),
        grants=current_grants(account.id),
    )
