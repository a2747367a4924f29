"""What a planner of sessions may choose from, and what a session sold."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.access import Actor
from core.clock import today
from core.database import AnyRow, db
from domain.catalogue import ListingState
from domain.orders.states import SOLD
from domain.roles import STUDIO_ROLES
from domain.training import CertificateKind
from models.accounts import Account
from models.alliances import Alliance, AllianceMember
from models.catalogue import Product, Variant
from models.live import LineUpItem
from models.orders import Order, OrderLine
from models.training import Certificate
from queries.scopes import is_member_on, visible


def session_figures(session_id: int) -> AnyRow:
    """What was bought from a session's page so far: orders, boxes, goods_fen.

    Orders that nobody has paid or accepted are left out.
    """
    query = (
        select(
            func.count(func.distinct(OrderLine.order_id)).label("orders"),
            func.coalesce(func.sum(OrderLine.quantity), 0).label("boxes"),
            func.coalesce(func.sum(OrderLine.goods_fen), 0).label("goods_fen"),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.session_id == session_id, Order.state.in_(SOLD))
    )
    return db.session.execute(query).one()


def alliance_choices(actor: Actor) -> Sequence[AnyRow]:
    """The alliances for which the actor plans sessions: id, name."""
    query = select(Alliance.id, Alliance.name).where(
        visible(Alliance, actor, *STUDIO_ROLES)
    )
    return db.session.execute(query.order_by(Alliance.name)).all()


def host_choices(alliance_id: int) -> Sequence[AnyRow]:
    """Today's members of an alliance: id, name, host certificate's last day."""
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
        .where(AllianceMember.alliance_id == alliance_id, is_member_on(today()))
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
