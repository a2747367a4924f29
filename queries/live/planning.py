"""What a planner of sessions may choose from, and what a session sold."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from core.access import Actor
from core.clock import today
from core.database import AnyRow, db
from domain.catalogue import ListingState
from domain.orders.states import OrderState
from domain.roles import ScopeKind
from domain.training import CertificateKind
from models.accounts import Account
from models.alliances import Alliance, AllianceMember
from models.catalogue import Product, Variant
from models.live import LineUpItem
from models.orders import Order, OrderLine
from models.training import Certificate
from queries.live.cards import STUDIO_ROLES

SOLD_STATES = (
    OrderState.PAID,
    OrderState.ACCEPTED,
    OrderState.PACKED,
    OrderState.SHIPPED,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
)


@dataclass(frozen=True)
class SessionFigures:
    """What a session sold: orders that were paid or accepted, and their goods."""

    orders: int
    boxes: int
    goods_fen: int


def session_figures(session_id: int) -> SessionFigures:
    """What was bought from a session's page so far, unpaid orders left out."""
    row = db.session.execute(
        select(
            func.count(func.distinct(OrderLine.order_id)),
            func.coalesce(func.sum(OrderLine.quantity), 0),
            func.coalesce(func.sum(OrderLine.goods_fen), 0),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.session_id == session_id, Order.state.in_(SOLD_STATES))
    ).one()
    return SessionFigures(*row)


def alliance_choices(actor: Actor) -> Sequence[AnyRow]:
    """The alliances for which the actor plans sessions: id, name."""
    ids = actor.scope_ids(ScopeKind.ALLIANCE, *STUDIO_ROLES)
    query = select(Alliance.id, Alliance.name).where(Alliance.id.in_(ids))
    return db.session.execute(query.order_by(Alliance.name)).all()


def host_choices(alliance_id: int) -> Sequence[AnyRow]:
    """Today's members of an alliance: id, name, host certificate's last day."""
    day = today()
    until = (
        select(func.max(Certificate.valid_until))
        .where(
            Certificate.account_id == Account.id,
            Certificate.kind == CertificateKind.LIVE_HOST,
            Certificate.revoked_on.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        select(Account.id, Account.name, until.label("certified_until"))
        .join(AllianceMember, AllianceMember.account_id == Account.id)
        .where(
            AllianceMember.alliance_id == alliance_id,
            AllianceMember.joined_on <= day,
            (AllianceMember.left_on.is_(None)) | (AllianceMember.left_on > day),
        )
        .order_by(Account.name)
    )
    return db.session.execute(query).all()


def product_choices(alliance_id: int) -> Sequence[AnyRow]:
    """What an alliance has on sale: id, name, spec, price_from_fen, stock.

    stock: boxes of every size together.
    """
    stock = (
        select(func.coalesce(func.sum(Variant.stock), 0))
        .where(Variant.product_id == Product.id, Variant.on_sale.is_(True))
        .scalar_subquery()
    )
    query = select(
        Product.id,
        Product.name,
        Product.spec,
        Product.price_from_fen,
        stock.label("stock"),
    ).where(Product.alliance_id == alliance_id, Product.state == ListingState.APPROVED)
    return db.session.execute(query.order_by(Product.name, Product.id)).all()


def line_up_ids(session_id: int) -> list[int]:
    """The product ids of a line-up, in order."""
    query = select(LineUpItem.product_id).where(LineUpItem.session_id == session_id)
    return list(db.session.scalars(query.order_by(LineUpItem.position)))
