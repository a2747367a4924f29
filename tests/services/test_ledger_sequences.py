"""Whatever legal things happen in whatever order, the books stay at zero."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.database import db, transaction
from domain.ledger import entries
from domain.ledger.accounts import CoopAccounts
from domain.ledger.entries import SplitLine
from domain.ledger.legs import EntryKind, Leg, reverse
from domain.orders.states import OrderState, RefundState
from domain.shares import Party, member, split_refund
from models.orders import Order, OrderLine
from models.payments import Refund
from queries.ledger import balance, balances, verify
from services.ledger import post
from tests.support.books import Books
from tests.support.opening import open_books

DAY = date(2026, 3, 10)
ACTS = ("sell", "sell_ahead", "refund", "settle", "release", "bank", "pay_out")

steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 10**6)), min_size=1, max_size=12
)


class RolledBack(Exception):
    """Ends an example without keeping what it wrote."""


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_any_legal_sequence_keeps_the_books_at_zero(
    app: Flask, steps: Sequence[tuple[str, int]]
) -> None:
    moment = datetime(2026, 3, 10, tzinfo=UTC)
    with clock.at(moment), app.app_context(), suppress(RolledBack), transaction():
        trade(steps)


def trade(steps: Sequence[tuple[str, int]]) -> None:
    """Take the steps on new books; raises RolledBack at the end."""
    trader = Trader(open_books())
    for act, number in steps:
        getattr(trader, act)(number)
        db.session.flush()
        assert sum(balances().values()) == 0
    assert verify().problems == ()
    raise RolledBack


@dataclass
class Trader:
    """Does one legal thing after another; `number` chooses what and how much."""

    books: Books
    remaining: list[tuple[Order, OrderLine, dict[Party, int]]] = field(
        default_factory=list
    )
    pending: list[tuple[Refund, list[Leg], int]] = field(default_factory=list)
    serial: int = 0

    @property
    def own(self) -> CoopAccounts:
        return CoopAccounts(self.books.cooperative.id)

    def sell(self, number: int) -> None:
        """An order, paid, charged and delivered."""
        boxes = 1 + number % 5
        order = self.books.sell(
            [("蜜薯", boxes), ("蜜薯", 1)], on=DAY, fee_fen=number % 300
        )
        for line in order.lines:
            self.remaining.append((order, line, self.books.split(line)))

    def sell_ahead(self, number: int) -> None:
        """An order that is paid, partly given back, and not delivered."""
        order = self.books.sell([("蜜薯", 3)], on=None, paid_on=DAY)
        order.state = OrderState.PACKED
        if number % 2:
            self.books.refund_undelivered(order, order.lines[0], 1, on=DAY)

    def refund(self, number: int) -> None:
        """A part of what some line has left, never more."""
        if not self.remaining:
            return
        order, line, left = self.remaining.pop(number % len(self.remaining))
        amount_fen = min(number + 1, sum(left.values()))
        parts = split_refund(amount_fen, left)
        row = self.books._refund_row(order, line, 1, amount_fen)
        legs = entries.refund(order.cooperative_id, [SplitLine(line.id, parts)])
        entry_id = self.books.book(order, EntryKind.REFUND, legs, DAY, row.id)
        self.pending.append((row, legs, entry_id))
        left = {party: fen - parts[party] for party, fen in left.items()}
        if sum(left.values()):
            self.remaining.append((order, line, left))

    def settle(self, number: int) -> None:
        """A refund arrives at the buyer, or fails and is undone."""
        if not self.pending:
            return
        row, legs, entry_id = self.pending.pop(number % len(self.pending))
        if number % 3:
            row.state = RefundState.SUCCEEDED
            legs = entries.refund_done(
                self.books.cooperative.id,
                row.amount_fen,
                paid_from=self.own.stripe_available,
            )
            self._post(EntryKind.REFUND_DONE, legs, refund_id=row.id)
            return
        row.state = RefundState.FAILED
        self._post(
            EntryKind.REFUND_FAILED,
            reverse(legs),
            refund_id=row.id,
            reverses_id=entry_id,
        )

    def release(self, number: int) -> None:
        """The payment service releases some of what it holds."""
        self._move(number, self.own.stripe_pending, entries.available)

    def bank(self, number: int) -> None:
        """Some of the released money goes to the bank."""
        self._move(number, self.own.stripe_available, entries.to_bank)

    def pay_out(self, number: int) -> None:
        """The families are paid what they are owed; one line comes back."""
        coop = self.books.cooperative.id
        families = [member(farmer.id) for farmer in self.books.farmers]
        owed = {party: -balance(self.own.party(party)) for party in families}
        owed = {party: fen for party, fen in owed.items() if fen > 0}
        if not owed:
            return
        self._post(EntryKind.PAYOUT_BATCH, entries.payout_batch(coop, owed))
        party = list(owed)[number % len(owed)]
        returned = entries.payout_returned(coop, party, owed.pop(party))
        self._post(EntryKind.PAYOUT_RETURNED, returned)
        if owed:
            confirmed = entries.payout_confirmed(coop, sum(owed.values()))
            self._post(EntryKind.PAYOUT_CONFIRMED, confirmed)

    def _move(
        self, number: int, source: str, build: Callable[[int, int], list[Leg]]
    ) -> None:
        held = balance(source)
        if held > 0:
            legs = build(self.books.cooperative.id, min(number + 1, held))
            self._post(EntryKind.AVAILABLE, legs)

    def _post(
        self,
        kind: str,
        legs: list[Leg],
        refund_id: int | None = None,
        reverses_id: int | None = None,
    ) -> None:
        self.serial += 1
        key = f"step {self.serial}"
        post(kind, key, legs, refund_id=refund_id, reverses_id=reverses_id)
