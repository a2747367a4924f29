"""Carts, checkouts, and one order per cooperative with lines and shipment."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, UTCDateTime, one_of
from domain.orders.states import (
    OrderState,
    PaymentMethod,
    ReservationState,
    ShipmentState,
)
from models.columns import Created, Digest, Fen, Grams, Key, Moment, Name, State, ref

IS_WAITING = "state IN ('placed', 'paid', 'accepted', 'packed', 'shipped')"
"""Orders on somebody's desk: few, however many are done."""

IS_UNPAID = "state IN ('placed', 'expired')"
"""Orders that nobody has paid: those that hold boxes, and those that ran out."""


SERIAL = "substr(number, 11)"
"""The last part of an order's number: what people read out."""


class Cart(Base):
    """What a visitor or a logged-in buyer means to buy."""

    __tablename__ = "cart"
    __table_args__ = (
        CheckConstraint(
            "(visitor_id IS NULL) <> (account_id IS NULL)", name="one_owner"
        ),
    )

    id: Mapped[Key]
    visitor_id: Mapped[int | None] = mapped_column(ref("visitor"), unique=True)
    account_id: Mapped[int | None] = mapped_column(ref("account"), unique=True)
    updated_at: Mapped[Created]


class CartItem(Base):
    """A variant in a cart, remembering the room and the pin it was tapped in."""

    __tablename__ = "cart_item"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[Key]
    cart_id: Mapped[int] = mapped_column(ref("cart"))
    variant_id: Mapped[int] = mapped_column(ref("variant"))
    quantity: Mapped[int]
    session_id: Mapped[int | None] = mapped_column(ref("live_session"))
    pin_event_id: Mapped[int | None] = mapped_column(ref("live_event"))
    added_at: Mapped[Created]


class Checkout(Base):
    """One submit of the checkout page; its request id makes it happen once."""

    __tablename__ = "checkout"

    id: Mapped[Key]
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    visitor_id: Mapped[int | None] = mapped_column(ref("visitor"), index=True)
    account_id: Mapped[int | None] = mapped_column(ref("account"), index=True)
    created_at: Mapped[Created]


class Order(Base):
    """An order of one cooperative. Amounts are fixed when it is placed."""

    __tablename__ = "order"
    __table_args__ = (
        one_of("state", OrderState),
        one_of("payment_method", PaymentMethod),
        CheckConstraint("total_fen = goods_fen + freight_fen", name="total"),
        Index("ix_order_state", "cooperative_id", "state", "placed_at"),
        Index("ix_order_placed", "cooperative_id", "placed_at"),
        Index(
            "ix_order_waiting",
            "placed_at",
            sqlite_where=text(IS_WAITING),
            postgresql_where=text(IS_WAITING),
        ),
        Index(
            "ix_order_unpaid",
            "phone",
            "placed_at",
            sqlite_where=text(IS_UNPAID),
            postgresql_where=text(IS_UNPAID),
        ),
        Index("ix_order_delivered", "cooperative_id", "delivered_on"),
        Index(
            "ix_order_undelivered",
            "closed_on",
            sqlite_where=text("delivered_on IS NULL"),
            postgresql_where=text("delivered_on IS NULL"),
        ),
        Index("ix_order_account", "account_id", "placed_at"),
        Index("ix_order_phone", "phone"),
        Index(
            "ix_order_recipient",
            "recipient",
            postgresql_ops={"recipient": "text_pattern_ops"},
        ),
        Index("ix_order_serial", text(SERIAL)),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    checkout_id: Mapped[int] = mapped_column(ref("checkout"), index=True)
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"))
    account_id: Mapped[int | None] = mapped_column(ref("account"))
    token_digest: Mapped[Digest] = mapped_column(unique=True)
    state: Mapped[State]
    channel: Mapped[str] = mapped_column(String(20), default="shop")
    payment_method: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[Name]
    phone: Mapped[str] = mapped_column(String(20))
    province: Mapped[str] = mapped_column(String(20))
    city: Mapped[str] = mapped_column(String(40))
    district: Mapped[str] = mapped_column(String(40))
    street: Mapped[str] = mapped_column(String(200))
    goods_fen: Mapped[Fen]
    freight_fen: Mapped[Fen]
    total_fen: Mapped[Fen]
    weight_g: Mapped[Grams]
    split_policy_id: Mapped[int] = mapped_column(ref("split_policy"))
    freight_policy_id: Mapped[int] = mapped_column(ref("freight_policy"))
    placed_at: Mapped[Moment]
    pay_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    delivered_on: Mapped[date | None]
    closed_on: Mapped[date | None]

    lines: Mapped[list["OrderLine"]] = relationship(
        order_by="OrderLine.position", lazy="raise", back_populates="order"
    )
    cooperative: Mapped["Cooperative"] = relationship(lazy="raise")  # type: ignore[name-defined] # noqa: F821


class OrderLine(Base):
    """What was bought, as it stood when it was bought, and where it was tapped."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("goods_fen = price_fen * quantity", name="amount"),
        Index("ix_order_line_report", "village_id", "product_id"),
        Index("ix_order_line_session", "session_id"),
        Index("ix_order_line_batch", "batch_id"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ref("order"), index=True)
    position: Mapped[int]
    variant_id: Mapped[int] = mapped_column(ref("variant"))
    product_id: Mapped[int] = mapped_column(ref("product"))
    village_id: Mapped[int] = mapped_column(ref("village"))
    batch_id: Mapped[int | None] = mapped_column(ref("harvest_batch"))
    product_name: Mapped[Name]
    variant_name: Mapped[str] = mapped_column(String(40))
    weight_g: Mapped[Grams]
    price_fen: Mapped[Fen]
    quantity: Mapped[int]
    goods_fen: Mapped[Fen]
    freight_fen: Mapped[Fen] = mapped_column(default=0)
    session_id: Mapped[int | None] = mapped_column(ref("live_session"))
    pin_event_id: Mapped[int | None] = mapped_column(ref("live_event"))
    alliance_id: Mapped[int] = mapped_column(ref("alliance"))
    host_id: Mapped[int | None] = mapped_column(ref("account"))

    order: Mapped[Order] = relationship(lazy="raise", back_populates="lines")


class OrderAccess(Base):
    """A guest's browser that may open an order."""

    __tablename__ = "order_access"
    __table_args__ = (UniqueConstraint("visitor_id", "order_id"),)

    id: Mapped[Key]
    visitor_id: Mapped[int] = mapped_column(ref("visitor"))
    order_id: Mapped[int] = mapped_column(ref("order"), index=True)
    granted_at: Mapped[Created]


class StockReservation(Base):
    """Stock taken for one order: held until paid, then consumed or released."""

    __tablename__ = "stock_reservation"
    __table_args__ = (
        UniqueConstraint("order_id", "variant_id"),
        one_of("state", ReservationState),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ref("order"))
    variant_id: Mapped[int] = mapped_column(ref("variant"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[State]
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Shipment(Base):
    """The parcel of an order."""

    __tablename__ = "shipment"
    __table_args__ = (one_of("state", ShipmentState),)

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ref("order"), unique=True)
    carrier: Mapped[str] = mapped_column(String(40))
    tracking_number: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[State]
    shipped_at: Mapped[Moment]
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
