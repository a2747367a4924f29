"""Two towns with everything in them: what is of one must not be seen from the other.

A world has one row of every table that somebody's scope reaches (PATHS of
queries/scopes.py), all of the same village, alliance and cooperative.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from core.access import HOUSE, Grant
from core.clock import now, today
from core.database import Base, db
from domain.ledger.entries import VillageIncomeKind
from domain.orders.states import PaymentMethod, RefundBearer, RefundState
from domain.roles import Role, ScopeKind
from domain.training import RecordKind, RecordState
from models.alliances import Alliance, AllianceMember, Village
from models.catalogue import HarvestBatch, Product
from models.cooperative import Cooperative
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Cart, CartItem, Order, OrderLine
from models.outbox import Job
from models.payments import Payment, Refund
from models.training import Certificate, TrainingRecord
from queries.scopes import PATHS
from services.accounts.sessions import grant_role
from services.orders.drafts import PlacedOrder
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
from tests.support.studio import make_room, speak


@dataclass(frozen=True)
class World:
    """A place with who works, learns and buys there.

    rows: one of each table. leads: what stands in addresses that lead to them, by
    argument as `doors` takes it, and in their forms; empty until it is furnished.
    """

    place: Place
    worker: Person
    member: Person
    buyer: Person
    goods: Goods
    order: PlacedOrder
    rows: dict[type[Base], int] = field(default_factory=dict)
    leads: Mapping[str, object] = field(default_factory=dict)

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
    worker = make_worker(place)
    return fill(place, worker, make_goods(place, worker), make_person("李敏"))


def fill(place: Place, worker: Person, goods: Goods, buyer: Person) -> World:
    """The world of a place that was made before."""
    by_bank = PaymentMethod.BANK_TRANSFER
    order = place_order(buyer, goods, quantity=2, method=by_bank)
    world = World(place, worker, make_person("朵拉"), buyer, goods, order)
    for table in PATHS:
        world.rows[table] = _make_row(table, world)
    return world


def furnish_for_all(place: Place, worker: Person, goods: Goods) -> Mapping[str, object]:
    """What leads to a record behind every door, each open to `worker`, who buys too.

    What only some may do is the question of tests/blueprints/test_scopes.py.
    """
    for role in (Role.TRAINER, Role.DISTRICT_OFFICER, Role.AUDITOR):
        grant_role(HOUSE, worker.id, Grant(role, ScopeKind.DISTRICT, 0))
    return furnish(fill(place, worker, goods, worker)).leads


def furnish(world: World) -> World:
    """The world with something behind every door, and the `leads` to it."""
    rows, cash = world.rows, PaymentMethod.CASH_ON_DELIVERY
    at_the_door = place_order(world.buyer, world.goods, method=cash)
    not_wanted = place_order(world.buyer, world.goods)
    line = speak(rows[LiveSession], world.buyer, "Sweet?")
    of_order = select(OrderLine.id).where(OrderLine.order_id == rows[Order])
    grown_in = HarvestBatch.product_id == world.goods.id
    leads = {
        "id": 1,
        "text": world.goods.slug,
        "account": "default",
        "code": db.session.scalars(select(HarvestBatch.code).where(grown_in)).one(),
        "name": "a" * 64 + "-480.webp",
        "number": world.order.number,
        "orders.record_remittance:number": at_the_door.number,
        "orders.cancel_by_desk:number": not_wanted.number,
        "orders.cancel:number": not_wanted.number,
        "payments.pay:number": not_wanted.number,
        "order_id": at_the_door.order_id,
        "payment_id": rows[Payment],
        "refund_id": rows[Refund],
        "listing_id": rows[Product],
        "session_id": rows[LiveSession],
        "employment_id": rows[Employment],
        "voucher_id": rows[IncomeVoucher],
        "record_id": rows[TrainingRecord],
        "certificate_id": rows[Certificate],
        "account_id": world.member.id,
        "job_id": _park_job(world),
        "item_id": _put_into_cart(world),
        "seq": line.seq,
        "author": line.author,
        "line_id": db.session.scalars(of_order).one(),
    }
    return replace(world, leads=leads)


def _park_job(world: World) -> int:
    return _keep(
        Job(
            kind="tell",
            key=f"tell:{world.order.number}",
            payload={"order_id": world.order.order_id},
            due_at=now(),
            parked_at=now(),
        )
    )


def _put_into_cart(world: World) -> int:
    cart = select(Cart.id).where(Cart.account_id == world.buyer.id)
    return _keep(
        CartItem(
            cart_id=db.session.scalars(cart).one(),
            variant_id=world.goods.variant_id,
            quantity=1,
        )
    )


def _make_row(table: type[Base], world: World) -> int:
    if table not in ROWS:
        raise AssertionError(
            f"{table.__name__} has paths in queries/scopes.py and no row here: "
            "say in ROWS of tests/support/worlds.py how a world gets one, then run "
            "python -m tests.support.scopes and review what it writes"
        )
    made = ROWS[table](world)
    return made if isinstance(made, int) else _keep(made)


def _keep(record: Base) -> int:
    db.session.add(record)
    db.session.flush()
    return int(record.id)  # type: ignore[attr-defined]


def _refund(world: World) -> Refund:
    return Refund(
        order_id=world.order.order_id,
        request_id=f"refund-{world.order.number}",
        state=RefundState.REQUESTED,
        amount_fen=100,
        goods_fen=100,
        freight_fen=0,
        bearer=RefundBearer.PARTIES,
        reason="坏了",
        idempotency_key=f"refund-{world.order.number}",
        requested_by=world.buyer.id,
    )


def _employment(world: World) -> Employment:
    return Employment(
        cooperative_id=world.place.cooperative_id,
        village_id=world.place.village_id,
        person_key="k",
        person_name="赵家",
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
        memo="",
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
        title="直播选品课",
        started_on=today(),
        hours=4,
        entered_by=world.worker.id,
        request_id=f"record-{world.order.number}",
    )


ROWS: Mapping[type[Base], Callable[[World], int | Base]] = {
    Order: lambda world: world.order.order_id,
    Payment: lambda world: world.order.payment_id,
    Refund: _refund,
    Product: lambda world: world.goods.id,
    LiveSession: lambda w: make_room(w.place, w.worker, w.goods).id,
    Alliance: lambda world: world.place.alliance_id,
    Cooperative: lambda world: world.place.cooperative_id,
    Village: lambda world: world.place.village_id,
    Employment: _employment,
    IncomeVoucher: _voucher,
    AllianceMember: _membership,
    TrainingRecord: _record,
    Certificate: lambda world: make_certificate(world.member),
}
"""A row of each table, or the id of the one that a world has anyway."""
