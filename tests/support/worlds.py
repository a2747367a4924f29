"""Two towns with everything in them: what is of one must not be seen from the other.

A world has one row of every table that somebody's scope reaches (PATHS of
queries/scopes.py), all of the same village, alliance and cooperative.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from sqlalchemy import select

from core.access import HOUSE, Grant
from core.clock import now, today
from core.database import Base, db
from domain.catalogue import ListingState
from domain.ledger.entries import VillageIncomeKind
from domain.orders.states import (
    OrderState,
    PaymentMethod,
    PaymentState,
    RefundBearer,
    RefundState,
    ShipmentState,
)
from domain.roles import Role, ScopeKind
from domain.training import RecordKind, RecordState
from models.alliances import Alliance, AllianceMember, Village
from models.catalogue import HarvestBatch, Product
from models.cooperative import Cooperative
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Cart, CartItem, Order, OrderLine, Shipment
from models.outbox import Job
from models.payments import Payment, Refund
from models.training import Certificate, TrainingRecord
from queries.scopes import PATHS
from services.accounts.sessions import grant_role
from services.catalogue.writing import create_listing
from services.orders.drafts import PlacedOrder
from tests.support.factories import (
    FOUNDED,
    Goods,
    Person,
    Place,
    actor_of,
    listing,
    make_certificate,
    make_goods,
    make_person,
    make_place,
    make_worker,
    place_order,
)
from tests.support.studio import make_room, make_session, speak

BANK = PaymentMethod.BANK_TRANSFER
CASH = PaymentMethod.CASH_ON_DELIVERY
STRIPE = PaymentMethod.STRIPE
serials = count(1)


@dataclass(frozen=True)
class World:
    """A place with who works, learns and buys there.

    rows: one of each table. Empty until it is furnished: leads, what stands in the
    addresses of records as `doors` takes it; line_ids, of which boxes may be given
    back; author, who spoke in the room.
    """

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
    worker = make_worker(place)
    return fill(place, worker, make_goods(place, worker), make_person("李敏"))


def fill(place: Place, worker: Person, goods: Goods, buyer: Person) -> World:
    """The world of a place that was made before."""
    order = place_order(buyer, goods, quantity=2, method=BANK)
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
    """The world with something behind every door, and the `leads` to it.

    What a form is to do can be done: each has a record of its own in the right state.
    """
    rows = world.rows
    line = speak(rows[LiveSession], world.buyer, "Sweet?")
    paid = _order(world, BANK, OrderState.PAID)
    asked_back = _order(world, BANK, OrderState.PAID)
    on_the_way = _order(world, BANK, OrderState.SHIPPED)
    batch = select(HarvestBatch.code).where(HarvestBatch.product_id == world.goods.id)
    leads = {
        "id": 1,
        "text": world.goods.slug,
        "account": "default",
        "code": db.session.scalars(batch).one(),
        "name": "a" * 64 + "-480.webp",
        "number": world.order.number,
        "orders.cancel:number": _order(world, STRIPE).number,
        "orders.cancel_by_desk:number": _order(world, STRIPE).number,
        "orders.confirm_receipt:number": on_the_way.number,
        "orders.grant:number": paid.number,
        "orders.record_remittance:number": _order(
            world, CASH, OrderState.DELIVERED
        ).number,
        "orders.request_refund:number": asked_back.number,
        "payments.pay:number": _order(world, STRIPE).number,
        "order_id": _order(world, CASH).order_id,
        "orders.delivered:order_id": _order(world, CASH, OrderState.SHIPPED).order_id,
        "orders.failed:order_id": _order(world, CASH, OrderState.SHIPPED).order_id,
        "orders.pack:order_id": _order(world, CASH, OrderState.ACCEPTED).order_id,
        "orders.ship:order_id": _order(world, CASH, OrderState.PACKED).order_id,
        "payment_id": rows[Payment],
        "refund_id": rows[Refund],
        "orders.reject:refund_id": _keep(_refund(world, "reject")),
        "orders.settle:refund_id": _keep(
            _refund(world, "settle", RefundState.APPROVED)
        ),
        "listing_id": rows[Product],
        "catalogue.approve:listing_id": _listing(world, ListingState.SUBMITTED),
        "catalogue.edit_listing:listing_id": _listing(world),
        "catalogue.send_back:listing_id": _listing(world, ListingState.SUBMITTED),
        "catalogue.submit:listing_id": _listing(world),
        "session_id": rows[LiveSession],
        "live.cancel:session_id": _session(world),
        "live.edit_session:session_id": _session(world),
        "live.start:session_id": _session(world),
        "employment_id": rows[Employment],
        "voucher_id": rows[IncomeVoucher],
        "record_id": rows[TrainingRecord],
        "certificate_id": rows[Certificate],
        "account_id": world.member.id,
        "job_id": _park_job(world),
        "item_id": _put_into_cart(world),
        "seq": line.seq,
    }
    line_ids = _lines_of(paid, asked_back)
    return replace(world, leads=leads, line_ids=line_ids, author=line.author)


def _order(
    world: World, method: PaymentMethod, state: OrderState = OrderState.PLACED
) -> PlacedOrder:
    """An order in a state that it did not come to step by step."""
    placed = place_order(world.buyer, world.goods, method=method)
    order = db.session.get_one(Order, placed.order_id)
    payment = db.session.get_one(Payment, placed.payment_id)
    order.state = state
    is_paid = OrderState.DELIVERED if method is CASH else OrderState.PAID
    if list(OrderState).index(state) >= list(OrderState).index(is_paid):
        payment.state, payment.paid_at, order.paid_at = PaymentState.PAID, now(), now()
    if state is OrderState.SHIPPED:
        _keep(
            Shipment(
                order_id=order.id,
                carrier="顺丰速运",
                tracking_number="SF1",
                state=ShipmentState.SHIPPED,
                shipped_at=now(),
            )
        )
    db.session.flush()
    return placed


def _lines_of(*orders: PlacedOrder) -> Sequence[int]:
    placed = [order.order_id for order in orders]
    return db.session.scalars(
        select(OrderLine.id).where(OrderLine.order_id.in_(placed))
    ).all()


def _listing(world: World, state: ListingState = ListingState.DRAFT) -> int:
    saved = create_listing(
        actor_of(world.worker),
        listing(world.place, name="大姜", price_fen=990, stock=9),
        alliance_id=world.place.alliance_id,
        request_id=f"listing-of-world-{next(serials)}",
    )
    db.session.get_one(Product, saved.listing_id).state = state
    db.session.flush()
    return saved.listing_id


def _session(world: World) -> int:
    return make_session(world.place, world.worker, world.goods).id


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


def _refund(
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
