"""What becomes of a demo order: paid, packed, sent, delivered, sometimes refunded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from random import Random
from typing import Protocol

from sqlalchemy import select

from commands.demo.people import People
from core import clock
from core.clock import now
from core.database import db, transaction
from domain.orders.states import OrderState, PaymentMethod, RefundBearer
from integrations.gateway import ProviderRefund
from models.orders import Order, OrderLine
from models.payments import Refund
from services.orders import cancelling, fulfilling, offline, refunding
from services.orders.drafts import PlacedOrder, RefundDraft, RefundDraftLine
from services.payments import applying, refunds

CARRIERS = ("中国邮政", "顺丰速运", "京东快递")
LEFT_OPEN = timedelta(hours=20)
REASONS = ("有几个磕碰的，拍了照", "少装了一盒", "路上压坏了一角", "家里人已经买了")


class Course(Enum):
    """How far an order goes."""

    LEFT_UNPAID = auto()
    CALLED_OFF = auto()
    DELIVERED = auto()
    REFUNDED = auto()


class Till(Protocol):
    """Where demo orders are paid online."""

    def pay(self, payment_id: int, moment: datetime) -> None:
        """Pay at `moment`."""
        ...


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


def live_through(
    placed: list[PlacedOrder],
    fate: Fate,
    moment: datetime,
    people: People,
    till: Till,
) -> None:
    """Take each order along its course, as far as time has come."""
    for order in placed:
        _Life(order, fate, moment, people, till).go_on()


@dataclass(frozen=True)
class _Life:
    placed: PlacedOrder
    fate: Fate
    moment: datetime
    people: People
    till: Till

    def go_on(self) -> None:
        """Every step in turn, until one lies in the future or the course ends."""
        if self.fate.course is Course.LEFT_UNPAID:
            self._leave_unpaid()
        elif self._pay() and self.fate.course is Course.CALLED_OFF:
            self._call_off()
        elif self._is_paid() and self._send() and self._arrive():
            if self.fate.course is Course.REFUNDED:
                self._complain()
            self._complete()

    @property
    def member_id(self) -> int:
        return self.people.by_number[2]

    @property
    def accountant_id(self) -> int:
        return self.people.by_number[4]

    def _leave_unpaid(self) -> None:
        at = self.moment + timedelta(days=4)
        if at > now():
            return
        with clock.at(at), transaction():
            if self.placed.method is PaymentMethod.CASH_ON_DELIVERY:
                cancelling.cancel(
                    self.placed.order_id, self.member_id, reason="联系不上买家"
                )
            elif self.placed.method is PaymentMethod.STRIPE:
                applying.release_unopened(self.placed.payment_id)
            else:
                applying.release_expired(self.placed.payment_id)

    def _pay(self) -> bool:
        at = self.moment + self.fate.pays_after
        if self.placed.method is PaymentMethod.STRIPE:
            if at > now():
                return False
            self.till.pay(self.placed.payment_id, at)
            return True
        if self.placed.method is PaymentMethod.BANK_TRANSFER:
            at = self.moment + self.fate.packs_after / 2
        if at > now() or self._waits(at):
            return False
        with clock.at(at), transaction():
            self._take_on()
        return True

    def _waits(self, at: datetime) -> bool:
        """Some of today's transfers and cash orders still wait for a person."""
        return now() - at < LEFT_OPEN

    def _take_on(self) -> None:
        if self.placed.method is PaymentMethod.BANK_TRANSFER:
            reference = f"DEMO{self.placed.order_id:08d}"
            offline.confirm_transfer(
                self.placed.order_id, self.accountant_id, reference
            )
        else:
            fulfilling.accept_cash_order(self.placed.order_id, self.member_id)

    def _is_paid(self) -> bool:
        state = db.session.scalar(
            select(Order.state).where(Order.id == self.placed.order_id)
        )
        db.session.rollback()
        return state in (OrderState.PAID, OrderState.ACCEPTED)

    def _call_off(self) -> None:
        at = self.moment + self.fate.pays_after + timedelta(minutes=40)
        if at > now():
            return
        with clock.at(at), transaction():
            cancelling.cancel(
                self.placed.order_id, None, reason=REASONS[-1], by_buyer=True
            )
            self._pay_back(at)

    def _send(self) -> bool:
        packs_at = self.moment + self.fate.packs_after
        ships_at = self.moment + self.fate.ships_after
        if packs_at > now():
            return False
        with clock.at(packs_at), transaction():
            fulfilling.pack(self.placed.order_id, self.member_id)
        if ships_at > now():
            return False
        with clock.at(ships_at), transaction():
            carrier = CARRIERS[self.placed.order_id % len(CARRIERS)]
            fulfilling.ship(
                self.placed.order_id,
                self.member_id,
                carrier=carrier,
                tracking_number=f"DEMO{ships_at:%y%m%d}{self.placed.order_id:05d}",
            )
        return True

    def _arrive(self) -> bool:
        at = self.moment + self.fate.ships_after + self.fate.travels
        if at > now():
            return False
        with clock.at(at), transaction():
            fulfilling.confirm_delivery(self.placed.order_id, None, at)
        remits_at = at + timedelta(days=5)
        if self.placed.method is PaymentMethod.CASH_ON_DELIVERY and remits_at < now():
            with clock.at(remits_at), transaction():
                offline.record_remittance(
                    self.placed.order_id,
                    self.accountant_id,
                    reference=f"DEMO{self.placed.order_id:08d}",
                    fee_fen=100,
                )
        return True

    def _complain(self) -> None:
        at = self.moment + self.fate.ships_after + self.fate.travels
        at += timedelta(hours=10)
        if at > now():
            return
        with clock.at(at), transaction():
            refund_id = refunding.request_refund(
                self.placed.order_id, self._claim(), None
            )
        decided_at = at + timedelta(hours=3)
        if decided_at > now() or self._waits(decided_at):
            return
        with clock.at(decided_at), transaction():
            refunding.approve_refund(refund_id, self.accountant_id)
            self._pay_back(decided_at)

    def _claim(self) -> RefundDraft:
        """One box of the first line, or a fifth of its value for spoiled goods."""
        line = first_line(self.placed.order_id)
        whole_box = self.placed.order_id % 2 == 0
        by_carrier = self.placed.order_id % 5 == 0
        return RefundDraft(
            request_id=f"demo-refund-{self.placed.order_id:06d}",
            lines=[
                RefundDraftLine(
                    line.id,
                    1 if whole_box else 0,
                    line.price_fen if whole_box else line.price_fen // 5,
                )
            ],
            freight_fen=0,
            reason=self.fate.complains,
            bearer=RefundBearer.CARRIER if by_carrier else RefundBearer.PARTIES,
        )

    def _pay_back(self, at: datetime) -> None:
        """Carry out the order's refunds, as the provider or the bank did."""
        ids = db.session.scalars(
            select(Refund.id).where(Refund.order_id == self.placed.order_id)
        ).all()
        for refund_id in ids:
            if self.placed.method is PaymentMethod.STRIPE:
                refunds.apply_refund(
                    refund_id, ProviderRefund(f"re_demo_{refund_id}", "succeeded")
                )
            else:
                refunding.settle_manual_refund(
                    refund_id, self.accountant_id, f"DEMO{refund_id:08d}"
                )

    def _complete(self) -> None:
        at = self.moment + self.fate.ships_after + self.fate.travels
        at += timedelta(days=8)
        if at < now():
            with clock.at(at), transaction():
                fulfilling.complete(self.placed.order_id)


def first_line(order_id: int) -> OrderLine:
    """The first line of an order."""
    lines = select(OrderLine).where(OrderLine.order_id == order_id)
    return db.session.scalars(lines.order_by(OrderLine.position).limit(1)).one()
