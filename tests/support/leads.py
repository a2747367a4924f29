"""What stands behind every door: for each form a record that it can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from sqlalchemy import select

from core.access import HOUSE, Grant
from core.clock import now
from core.database import db
from domain.catalogue import ListingState
from domain.exports import KEPT_FOR, ExportState
from domain.orders.states import (
    OrderState,
    PaymentMethod,
    PaymentState,
    RefundState,
    ShipmentState,
)
from domain.register import InvitationState
from domain.roles import Role, ScopeKind
from models.accounts import RoleGrant
from models.catalogue import HarvestBatch, Product
from models.exports import Export, ExportPart
from models.history import record_change
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Cart, CartItem, Order, OrderLine, Shipment
from models.outbox import Job
from models.payments import Payment, Refund
from models.register import Invitation
from models.training import Certificate, TrainingRecord
from services.accounts.sessions import grant_role
from services.catalogue.writing import create_listing
from services.orders.drafts import PlacedOrder
from services.register import INVITED_FOR
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    listing,
    make_person,
    place_order,
)
from tests.support.studio import make_session, speak
from tests.support.worlds import BANK, World, fill, keep, make_refund

CASH = PaymentMethod.CASH_ON_DELIVERY
STRIPE = PaymentMethod.STRIPE
serials = count(1)


def furnish_for_all(place: Place, worker: Person, goods: Goods) -> Mapping[str, object]:
    """What leads to a record behind every door, each open to `worker`, who buys too.

    What only some may do is the question of tests/blueprints/test_scopes.py.
    """
    for role in (Role.TRAINER, Role.DISTRICT_OFFICER, Role.AUDITOR):
        grant_role(HOUSE, worker.id, Grant(role, ScopeKind.DISTRICT, 0))
    return furnish(fill("乡", place, worker, goods, worker)).leads


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
        "exports.file:code": _file(world),
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
        "payment_id": _park_payment(world),
        "refund_id": rows[Refund],
        "orders.reject:refund_id": keep(make_refund(world, "reject")),
        "orders.settle:refund_id": keep(
            make_refund(world, "settle", RefundState.APPROVED)
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
        "grant_id": rows[RoleGrant],
        "register.lay_down:grant_id": _own_role(world),
        "invitation_id": rows[Invitation],
        "register.second:invitation_id": _invitation(world, InvitationState.PROPOSED),
        "register.accept:invitation_id": _invitation(world),
        "register.decline:invitation_id": _invitation(world),
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
        keep(
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
    session = make_session(world.place, world.worker, world.goods)
    session.title = f"{world.name}直播"
    return session.id


def _own_role(world: World) -> int:
    """A role of the buyer, who is not the last to hold it."""
    farmer = world.grant(Role.FARMER, ScopeKind.COOPERATIVE)
    make_person("赵家", farmer)
    grant_role(HOUSE, world.buyer.id, farmer)
    own = select(RoleGrant.id).filter_by(account_id=world.buyer.id, **vars(farmer))
    return db.session.scalars(own).one()


def _invitation(world: World, state: InvitationState = InvitationState.OPEN) -> int:
    """Of the buyer."""
    return keep(
        Invitation(
            **vars(world.grant(Role.MEMBER, ScopeKind.ALLIANCE)),
            state=state,
            phone=world.buyer.phone,
            name=world.name,
            account_id=world.worker.id,
            expires_at=now() + INVITED_FOR,
        )
    )


def _park_payment(world: World) -> int:
    payment = db.session.get_one(Payment, _order(world, STRIPE).payment_id)
    payment.state = PaymentState.PARKED
    record_change(payment, PaymentState.PARKED)
    return payment.id


def _park_job(world: World) -> int:
    return keep(
        Job(
            kind="tell",
            key=f"tell:{world.order.number}",
            payload={"order_id": world.order.order_id},
            due_at=now(),
            parked_at=now(),
        )
    )


def _file(world: World) -> str:
    """A file that was made for the buyer, of a list that any buyer has."""
    export = Export(
        code=f"file-{next(serials)}",
        account_id=world.buyer.id,
        endpoint="orders.mine",
        address="/account/orders?format=pdf",
        digest="0" * 64,
        kind="pdf",
        language="zh",
        title="订单",
        about="全部",
        state=ExportState.READY,
        size=4,
        file_name="orders.pdf",
        expires_at=now() + KEPT_FOR,
    )
    db.session.add(ExportPart(export_id=keep(export), number=0, body=b"%PDF"))
    db.session.flush()
    return export.code


def _put_into_cart(world: World) -> int:
    cart = select(Cart.id).where(Cart.account_id == world.buyer.id)
    return keep(
        CartItem(
            cart_id=db.session.scalars(cart).one(),
            variant_id=world.goods.variant_id,
            quantity=1,
        )
    )
