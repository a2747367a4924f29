"""A small cooperative whose orders are posted straight to the ledger.

Miaoshan cooperative sells for two villages; another cooperative sells for one of
them too. Reports are tested on these books without going through checkout.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.access import Grant, SignedIn
from core.clock import now
from core.database import db
from domain import shares
from domain.ledger.entries import (
    SplitLine,
    delivered,
    fee,
    fee_borne,
    paid,
    refund,
    refund_undelivered,
)
from domain.ledger.legs import EntryKind
from domain.orders.states import OrderState, PaymentMethod, RefundBearer, RefundState
from domain.periods import day_starts_at
from domain.roles import Role, ScopeKind
from domain.shares import FeeBearer, Line, SplitRule, alliance_host
from models.accounts import Account
from models.alliances import Alliance, Town, Village
from models.catalogue import Product
from models.cooperative import Cooperative, Farmer
from models.orders import Checkout, Order, OrderLine
from models.payments import Refund, RefundLine
from services.ledger import post

RULE = SplitRule(
    host_bp=800,
    platform_bp=200,
    village_bp=500,
    reserve_bp=500,
    fee_bearer=FeeBearer.PLATFORM,
)
GOLDEN_GRAMS = (8_000, 7_000, 5_000)
PRICES = {"蜜薯": (2520, 2500), "大姜": (3000, 5000), "山楂": (1001, 1000)}
"""Fen and grams of one box."""


@dataclass
class Books:
    """The rows that orders hang on, and ways to sell, refund and charge."""

    town: Town
    villages: Sequence[Village]
    alliance: Alliance
    cooperative: Cooperative
    other: Cooperative
    people: Mapping[str, Account]
    farmers: Sequence[Farmer]
    products: dict[str, Product]
    policies: Mapping[int, tuple[int, int]]
    variants: dict[int, int] = field(default_factory=dict)
    rule: SplitRule = RULE
    names: dict[str, Any] = field(default_factory=dict)
    _serial: int = field(default=0)

    def actor(
        self, *grants: tuple[Role, ScopeKind, int], name: str = "会计"
    ) -> SignedIn:
        """A logged-in person with these rights."""
        return SignedIn(
            account_id=self.people[name].id,
            name=name,
            phone=self.people[name].phone,
            session_token="token",
            confirmed_at=now(),
            grants=tuple(Grant(*grant) for grant in grants),
        )

    def sell(
        self,
        lines: Sequence[tuple[str, int]],
        *,
        on: date | None,
        fee_fen: int = 0,
        closed_on: date | None = None,
        paid_on: date | None = None,
    ) -> Order:
        """An order of (product, boxes) lines, paid, and delivered `on` that day."""
        order = self._order(lines, on=on, closed_on=closed_on)
        bought = order.lines
        self.book(
            order,
            EntryKind.PAID,
            paid(order.cooperative_id, order.total_fen),
            paid_on or on or closed_on,
        )
        if fee_fen:
            self.charge(order, bought, fee_fen, paid_on or on or closed_on)
        if on:
            split = [
                SplitLine(line.id, self.split(line), freight_fen=line.freight_fen)
                for line in bought
            ]
            self.book(
                order, EntryKind.DELIVERED, delivered(order.cooperative_id, split), on
            )
        return order

    def charge(
        self, order: Order, lines: Sequence[OrderLine], fee_fen: int, on: date | None
    ) -> None:
        """Take a payment fee and have the rule's bearer bear it."""
        parts = shares.split_fee(fee_fen, [line.goods_fen for line in lines])
        by_line = {line.id: part for line, part in zip(lines, parts, strict=True)}
        borne = [
            SplitLine(
                line.id, shares.bear_fee(by_line[line.id], self.rule, self.behind(line))
            )
            for line in lines
        ]
        coop = order.cooperative_id
        self.book(order, EntryKind.FEE, fee(coop, by_line), on)
        self.book(order, EntryKind.FEE_BORNE, fee_borne(coop, borne), on)

    def refund(self, order: Order, line: OrderLine, boxes: int, *, on: date) -> Refund:
        """Give boxes back after delivery; the parties bear it by their shares."""
        goods_fen = line.price_fen * boxes
        row = self._refund_row(order, line, boxes, goods_fen)
        parts = shares.split_refund(goods_fen, self.split(line))
        legs = refund(order.cooperative_id, [SplitLine(line.id, parts)])
        self.book(order, EntryKind.REFUND, legs, on, refund_id=row.id)
        return row

    def refund_undelivered(
        self, order: Order, line: OrderLine, boxes: int, *, on: date
    ) -> Refund:
        """Give boxes back before delivery."""
        goods_fen = line.price_fen * boxes
        row = self._refund_row(order, line, boxes, goods_fen)
        legs = refund_undelivered(order.cooperative_id, goods_fen)
        self.book(order, EntryKind.REFUND_UNDELIVERED, legs, on, refund_id=row.id)
        return row

    def book(
        self,
        order: Order,
        kind: str,
        legs: Sequence[Any],
        on: date | None,
        refund_id: int | None = None,
        reverses_id: int | None = None,
    ) -> int:
        """Post an entry of an order on a day."""
        self._serial += 1
        key = f"{kind}:{order.id}:{self._serial}"
        moment = day_starts_at(on) if on else now()
        return post(
            kind,
            key,
            legs,
            order_id=order.id,
            effective_at=moment,
            refund_id=refund_id,
            reverses_id=reverses_id,
        )

    def split(self, line: OrderLine) -> dict[shares.Party, int]:
        """A line's goods among the parties by the rule."""
        return shares.split_sale(line.goods_fen, self.rule, self.behind(line))

    def behind(self, line: OrderLine) -> Line:
        """Who stands behind a line: three families by the golden case's grams."""
        deliveries = {
            farmer.id: grams
            for farmer, grams in zip(self.farmers, GOLDEN_GRAMS, strict=True)
        }
        return Line(line.village_id, alliance_host(self.alliance.id), deliveries)

    def _order(
        self,
        lines: Sequence[tuple[str, int]],
        *,
        on: date | None,
        closed_on: date | None,
    ) -> Order:
        self._serial += 1
        rows = [self._line(position, *line) for position, line in enumerate(lines)]
        coop_id = self.products[lines[0][0]].cooperative_id
        goods_fen = sum(row.goods_fen for row in rows)
        split_id, freight_id = self.policies[coop_id]
        checkout = Checkout(request_id=secrets.token_hex(8))
        db.session.add(checkout)
        db.session.flush()
        order = Order(
            number=f"TB-{self._serial:06d}",
            checkout_id=checkout.id,
            cooperative_id=coop_id,
            token_digest=secrets.token_hex(32),
            state=OrderState.DELIVERED if on else OrderState.CANCELLED,
            payment_method=PaymentMethod.STRIPE,
            recipient="王先生",
            phone="13900000000",
            province="山东省",
            city="济南市",
            district="莱芜区",
            street="文化路 1 号",
            goods_fen=goods_fen,
            freight_fen=1200,
            total_fen=goods_fen + 1200,
            weight_g=sum(row.weight_g * row.quantity for row in rows),
            split_policy_id=split_id,
            freight_policy_id=freight_id,
            placed_at=now(),
            delivered_on=on,
            closed_on=closed_on,
        )
        order.lines = rows
        rows[0].freight_fen = 1200
        db.session.add(order)
        db.session.flush()
        return order

    def _line(self, position: int, product: str, boxes: int) -> OrderLine:
        row = self.products[product]
        price_fen, weight_g = PRICES[product]
        return OrderLine(
            position=position,
            variant_id=self.variants[row.id],
            product_id=row.id,
            village_id=row.village_id,
            product_name=row.name,
            variant_name="一箱",
            weight_g=weight_g,
            price_fen=price_fen,
            quantity=boxes,
            goods_fen=price_fen * boxes,
            freight_fen=0,
            alliance_id=self.alliance.id,
        )

    def _refund_row(
        self, order: Order, line: OrderLine, boxes: int, goods_fen: int
    ) -> Refund:
        self._serial += 1
        row = Refund(
            order_id=order.id,
            request_id=secrets.token_hex(8),
            state=RefundState.APPROVED,
            amount_fen=goods_fen,
            goods_fen=goods_fen,
            freight_fen=0,
            bearer=RefundBearer.PARTIES,
            reason="坏了一箱",
            idempotency_key=secrets.token_hex(8),
        )
        db.session.add(row)
        db.session.flush()
        db.session.add(
            RefundLine(
                refund_id=row.id,
                order_line_id=line.id,
                quantity=boxes,
                goods_fen=goods_fen,
                freight_fen=0,
            )
        )
        db.session.flush()
        return row
