"""Two towns with everything in them: what is of one must not be seen from the other.

A world has one row of every table that somebody's scope reaches (PATHS of
queries/scopes.py), all of the same village, alliance and cooperative.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.access import Grant
from core.clock import now, today
from core.database import Base, db
from domain.ledger.entries import VillageIncomeKind
from domain.orders.states import (
    PaymentMethod,
    RefundBearer,
    RefundState,
)
from domain.register import InvitationState
from domain.roles import Role, ScopeKind
from domain.training import RecordKind, RecordState
from models.accounts import RoleGrant
from models.alliances import Alliance, AllianceMember, Town, Village
from models.catalogue import Product
from models.cooperative import Cooperative
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Order
from models.payments import Payment, Refund
from models.register import Invitation
from models.training import Certificate, TrainingRecord
from queries.scopes import PATHS
from services.orders.drafts import PlacedOrder
from services.register import INVITED_FOR
from tests.support.factories import (
    FOUNDED,
    Goods,
    Person,
    Place,
    make_certificate,
    make_goods,
    make_person,
    make_place,
    make_worker,
    place_order,
)
from tests.support.studio import make_room

BANK = PaymentMethod.BANK_TRANSFER
ALLIANCE = ScopeKind.ALLIANCE


@dataclass(frozen=True)
class World:
    """A place with who works, learns and buys there.

    name: stands in whatever has one. rows: one of each table. Empty until it is
    furnished: leads, what stands in the addresses of records as `doors` takes it;
    line_ids, of which boxes may be given back; author, who spoke in the room.
    """

    name: str
    place: Place
    worker: Person
    member: Person
    buyer: Person
    goods: Goods
    order: PlacedOrder
    rows: dict[type[Base], int] = field(default_factory=dict)
    leads: Mapping[str, object] = field(default_factory=dict)
    line_ids: Sequence[int] = ()
    author: str = ""

    def grant(self, role: Role, kind: ScopeKind) -> Grant:
        """The role in this world's scope of a kind."""
        ids = {
            ScopeKind.ALLIANCE: self.place.alliance_id,
            ScopeKind.COOPERATIVE: self.place.cooperative_id,
            ScopeKind.VILLAGE: self.place.village_id,
            ScopeKind.TOWN: self.place.town_id,
            ScopeKind.DISTRICT: 0,
        }
        return Grant(role, kind, ids.get(kind, self.place.town_id))


def make_world(name: str) -> World:
    """A new town with one row of each table. Inside a transaction."""
    place = make_place(name)
    worker, buyer = make_worker(place, f"{name}王小明"), make_person(f"{name}李敏")
    return fill(name, place, worker, make_goods(place, worker, name=name), buyer)


def fill(name: str, place: Place, worker: Person, goods: Goods, buyer: Person) -> World:
    """The world of a place that was made before."""
    order = place_order(buyer, goods, quantity=2, method=BANK)
    member = make_person(f"{name}朵拉")
    world = World(name, place, worker, member, buyer, goods, order)
    for table in PATHS:
        world.rows[table] = _make_row(table, world)
    return world


def _make_row(table: type[Base], world: World) -> int:
    if table not in ROWS:
        raise AssertionError(
            f"{table.__name__} has paths in queries/scopes.py and no row here: "
            "say in ROWS of tests/support/worlds.py how a world gets one, then run "
            "python -m tests.support.scopes and review what it writes"
        )
    made = ROWS[table](world)
    return made if isinstance(made, int) else keep(made)


def keep(record: Base) -> int:
    db.session.add(record)
    db.session.flush()
    return int(record.id)  # type: ignore[attr-defined]


def make_refund(
    world: World, name: str = "first", state: RefundState = RefundState.REQUESTED
) -> Refund:
    key = f"{name}-{world.order.number}"
    return Refund(
        order_id=world.order.order_id,
        request_id=key,
        state=state,
        amount_fen=100,
        goods_fen=100,
        freight_fen=0,
        bearer=RefundBearer.PARTIES,
        reason="坏了",
        idempotency_key=key,
        requested_by=world.buyer.id,
    )


def _employment(world: World) -> Employment:
    return Employment(
        cooperative_id=world.place.cooperative_id,
        village_id=world.place.village_id,
        person_key=world.order.number,
        person_name=f"{world.name}赵家",
        month=today().replace(day=1),
        days=3,
        wages_fen=36_000,
    )


def _voucher(world: World) -> IncomeVoucher:
    return IncomeVoucher(
        village_id=world.place.village_id,
        number=f"V-{world.order.number}",
        kind=VillageIncomeKind.SUBSIDY,
        amount_fen=50_000,
        received_on=today(),
        memo=world.name,
    )


def _grant(world: World) -> RoleGrant:
    """Of somebody who may be dismissed without being missed."""
    helper = make_person(f"{world.name}小助手")
    return RoleGrant(account_id=helper.id, **vars(world.grant(Role.MEMBER, ALLIANCE)))


def _invitation(world: World) -> Invitation:
    return Invitation(
        **vars(world.grant(Role.MEMBER, ALLIANCE)),
        state=InvitationState.OPEN,
        phone=world.member.phone,
        name=f"{world.name}朵拉",
        account_id=world.worker.id,
        expires_at=now() + INVITED_FOR,
    )


def _membership(world: World) -> AllianceMember:
    return AllianceMember(
        alliance_id=world.place.alliance_id,
        account_id=world.member.id,
        joined_on=FOUNDED,
    )


def _record(world: World) -> TrainingRecord:
    return TrainingRecord(
        account_id=world.member.id,
        kind=RecordKind.BUSINESS,
        state=RecordState.ENROLLED,
        title=f"{world.name}选品课",
        started_on=today(),
        hours=4,
        entered_by=world.worker.id,
        request_id=f"record-{world.order.number}",
    )


ROWS: Mapping[type[Base], Callable[[World], int | Base]] = {
    Order: lambda world: world.order.order_id,
    Payment: lambda world: world.order.payment_id,
    Refund: make_refund,
    Product: lambda world: world.goods.id,
    LiveSession: lambda w: make_room(w.place, w.worker, w.goods).id,
    Alliance: lambda world: world.place.alliance_id,
    Cooperative: lambda world: world.place.cooperative_id,
    Village: lambda world: world.place.village_id,
    Employment: _employment,
    IncomeVoucher: _voucher,
    Town: lambda world: world.place.town_id,
    RoleGrant: _grant,
    Invitation: _invitation,
    AllianceMember: _membership,
    TrainingRecord: _record,
    Certificate: lambda world: make_certificate(world.member),
}
"""A row of each table, or the id of the one that a world has anyway."""
