"""What becomes of a demo order: paid, packed, sent, delivered, sometimes refunded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random

from sqlalchemy import select

from commands.demo.people import People
from commands.demo.tills import Till
from core import clock
from core.access import HOUSE, Actor
from core.clock import now, today
from core.database import db, transaction
from domain.orders.states import PaymentMethod, RefundBearer
from integrations.gateway import ProviderRefund
from models.orders import OrderLine
from models.payments import Refund
from services.orders import cancelling, fulfilling, offline, refunding
from services.orders.drafts import PlacedOrder, RefundDraft, RefundDraftLine
from services.payments import applying, refunds

CARRIERS = ("中国邮政", "顺丰速运", "京东快递")
LEFT_OPEN = timedelta(hours=20)
"""So long some transfers, cash orders and refunds wait for a person."""

REASONS = ("有几个磕碰的，拍了照", "少装了一盒", "路上压坏了一角", "家里人已经买了")
STRIPE = PaymentMethod.STRIPE
TRANSFER = PaymentMethod.BANK_TRANSFER
CASH = PaymentMethod.CASH_ON_DELIVERY


class Course(Enum):
    """How far an order goes."""

    LEFT_UNPAID = auto()
    CALLED_OFF = auto()
    DELIVERED = auto()
    REFUNDED = auto()


@dataclass(frozen=True)
class Fate:
    """An order's course and its pace, drawn beforehand."""

    course: Course
    pays_after: timedelta
    packs_after: timedelta
    ships_after: timedelta
    travels: timedelta
    complains: str

    @classmethod
    def draw(cls, rng: Random) -> "Fate":
        """Draw a fate: most orders arrive."""
        courses = tuple(Course)
        course = rng.choices(courses, (4, 3, 86, 7))[0]
        return cls(
            course=course,
            pays_after=timedelta(minutes=rng.randint(1, 14)),
            packs_after=timedelta(hours=rng.randint(6, 22)),
            ships_after=timedelta(hours=rng.randint(23, 46)),
            travels=timedelta(hours=rng.randint(30, 90)),
            complains=rng.choice(REASONS),
        )


@dataclass(frozen=True)
class Life:
    """An order of `moment`, and the fate that it has."""

    placed: PlacedOrder
    fate: Fate
    moment: datetime
    people: People
    till: Till

    def go_on(self) -> None:
        """Take every step whose time has come."""
        fate, arrives_after = self.fate, self.fate.ships_after + self.fate.travels
        if fate.course is Course.LEFT_UNPAID:
            self._at(timedelta(days=4), self._let_expire)
        elif not self._is_paid():
            return
        elif fate.course is Course.CALLED_OFF:
            self._at(fate.pays_after + timedelta(minutes=40), self._call_off)
        else:
            self._at(fate.packs_after, self._pack)
            self._at(fate.ships_after, self._ship)
            self._at(arrives_after, self._arrive)
            if self.placed.method is CASH:
                self._at(arrives_after + timedelta(days=5), self._remit)
            if fate.course is Course.REFUNDED:
                self._at(arrives_after + timedelta(hours=10), self._complain)
                self._decide_at(arrives_after + timedelta(hours=13))
            self._at(arrives_after + timedelta(days=8), self._complete)

    @property
    def member(self) -> Actor:
        return self.people.actor(2)

    @property
    def accountant(self) -> Actor:
        return self.people.actor(4)

    def _at(self, after: timedelta, step: Callable[[], None]) -> None:
        at = self.moment + after
        if at <= now():
            with clock.at(at), transaction():
                step()

    def _let_expire(self) -> None:
        order_id, payment_id = self.placed.order_id, self.placed.payment_id
        if self.placed.method is CASH:
            cancelling.cancel(self.accountant, order_id, reason="联系不上买家")
        elif self.placed.method is STRIPE:
            applying.release_unopened(payment_id)
        else:
            applying.release_expired(payment_id)

    def _is_paid(self) -> bool:
        """Whether it is paid for or accepted by now, which is done here."""
        at = self.moment + self.fate.pays_after
        if self.placed.method is TRANSFER:
            at = self.moment + self.fate.packs_after / 2
        if at > now():
            return False
        if self.placed.method is STRIPE:
            self.till.pay(self.placed.payment_id, at)
        elif _is_left_open(at):
            return False
        else:
            with clock.at(at), transaction():
                self._take_on()
        return True

    def _take_on(self) -> None:
        order_id = self.placed.order_id
        if self.placed.method is TRANSFER:
            offline.confirm_transfer(self.accountant, order_id, f"DEMO{order_id:08d}")
        else:
            fulfilling.accept_cash_order(self.member, order_id)

    def _call_off(self) -> None:
        order_id, reason = self.placed.order_id, REASONS[-1]
        cancelling.cancel_own(HOUSE, order_id, reason=reason)
        self._pay_back()

    def _pack(self) -> None:
        fulfilling.pack(self.member, self.placed.order_id)

    def _ship(self) -> None:
        order_id = self.placed.order_id
        fulfilling.ship(
            self.member,
            order_id,
            carrier=CARRIERS[order_id % len(CARRIERS)],
            tracking_number=f"DEMO{today():%y%m%d}{order_id:05d}",
        )

    def _arrive(self) -> None:
        fulfilling.confirm_delivery(HOUSE, self.placed.order_id, now())

    def _remit(self) -> None:
        order_id, reference = self.placed.order_id, f"DEMO{self.placed.order_id:08d}"
        offline.record_remittance(
            self.accountant, order_id, reference=reference, fee_fen=100
        )

    def _complain(self) -> None:
        """One box of the first line, or a fifth of its value for spoiled goods."""
        order_id = self.placed.order_id
        line = first_line(order_id)
        quantity, part = (1, 1) if order_id % 2 == 0 else (0, 5)
        draft = RefundDraft(
            request_id=f"demo-refund-{order_id:06d}",
            lines=[RefundDraftLine(line.id, quantity, line.price_fen // part)],
            freight_fen=0,
            reason=self.fate.complains,
            bearer=RefundBearer.PARTIES if order_id % 5 else RefundBearer.CARRIER,
        )
        refunding.request_refund(HOUSE, order_id, draft)

    def _decide_at(self, after: timedelta) -> None:
        if not _is_left_open(self.moment + after):
            self._at(after, self._approve)

    def _approve(self) -> None:
        refunding.approve_refund(self.accountant, self._refunds()[0].id)
        self._pay_back()

    def _pay_back(self) -> None:
        """Carry out the order's refunds, as the provider or the bank did."""
        for refund in self._refunds():
            if self.placed.method is STRIPE:
                done = ProviderRefund(f"re_demo_{refund.id}", "succeeded")
                key = refund.idempotency_key
                refunds.apply_refund(refund.id, done, sent_with=key)
            else:
                refunding.settle_manual_refund(
                    self.accountant, refund.id, f"DEMO{refund.id:08d}"
                )

    def _refunds(self) -> list[Refund]:
        query = select(Refund).where(Refund.order_id == self.placed.order_id)
        return list(db.session.scalars(query))

    def _complete(self) -> None:
        fulfilling.complete(self.placed.order_id)


def first_line(order_id: int) -> OrderLine:
    """The first line of an order."""
    lines = select(OrderLine).where(OrderLine.order_id == order_id)
    return db.session.scalars(lines.order_by(OrderLine.position).limit(1)).one()


def _is_left_open(due_at: datetime) -> bool:
    return now() - due_at < LEFT_OPEN
