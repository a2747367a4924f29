"""Nobody fills a cart with all there is and leaves it unpaid."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from core.database import AnyRow, db
from domain.orders.holds import (
    MOST_UNPAID_BOXES,
    PhoneToProve,
    TooManyUnpaid,
    UnpaidOrder,
    can_hold,
    is_unusual,
)
from domain.orders.states import PaymentMethod
from domain.roles import Role, ScopeKind
from queries.orders.unpaid import seller_phone, unpaid_orders
from queries.orders.wanted import cart_owner
from services.orders.drafts import Submission

HOLDING = 8_220
"""The space of advisory locks on phones: nothing else locks in it."""


def hold_phones(submissions: Iterable[Submission]) -> None:
    """Let no other checkout of these phones in until the transaction ends.

    Two orders at once must not each see the other's boxes as free. The buyer's own
    orders wait for each other at the cart. Before anything else is locked, and in one
    order, so that two transactions never wait for each other. SQLite has one writer.
    """
    if db.engine.dialect.name != "postgresql":
        return
    phones = sorted({each.draft.phone for each in submissions})
    db.session.execute(_LOCKING, {"space": HOLDING, "phones": phones})


_LOCKING = text(
    "SELECT pg_advisory_xact_lock(:space, key) FROM (SELECT DISTINCT hashtext(phone)"
    " AS key FROM unnest(CAST(:phones AS text[])) AS phone ORDER BY key) AS keys"
)


@dataclass
class Holds:
    """What is unpaid of the phones and buyers of some checkouts, those planned too."""

    unpaid: list[UnpaidOrder] = field(default_factory=list)

    @classmethod
    def of(cls, submissions: Sequence[Submission]) -> "Holds":
        """As it stands now; `hold_phones` came before."""
        return cls(
            list(
                unpaid_orders(
                    (each.draft.phone for each in submissions),
                    (cart_owner(each.buyer) for each in submissions),
                )
            )
        )

    def check(self, submission: Submission, cart: Collection[AnyRow]) -> None:
        """Raise TooManyUnpaid or PhoneToProve unless the cart may wait for its money.

        Who keeps the books of the sellers orders for a caller as much as is wanted.
        """
        sellers = {row.cooperative_id for row in cart}
        books = submission.buyer.scope_ids(ScopeKind.COOPERATIVE, Role.ACCOUNTANT)
        if sellers <= books:
            return
        if not can_hold(self._before(submission), _boxes(cart)):
            phone = seller_phone(min(sellers))
            raise TooManyUnpaid(most=MOST_UNPAID_BOXES, phone=phone)
        if not self._is_believed(submission, cart):
            raise PhoneToProve(phone=submission.draft.phone)

    def add(self, submission: Submission, cart: Collection[AnyRow]) -> None:
        """Count a checkout that is going to be written."""
        owner = cart_owner(submission.buyer)
        self.unpaid.append(UnpaidOrder(submission.draft.phone, (owner,), _boxes(cart)))

    def _is_believed(self, submission: Submission, cart: Collection[AnyRow]) -> bool:
        """Whether the phone needs no proof: paid at once, by an account, or little."""
        draft = submission.draft
        is_paid_at_once = draft.payment_method is PaymentMethod.STRIPE
        if is_paid_at_once or draft.is_phone_proven or submission.buyer.account_id:
            return True
        goods_fen = sum(row.price_fen * row.quantity for row in cart)
        before = [order for order in self.unpaid if order.phone == draft.phone]
        return not is_unusual(len(before), _boxes(cart), goods_fen)

    def _before(self, submission: Submission) -> list[UnpaidOrder]:
        phone, owner = submission.draft.phone, cart_owner(submission.buyer)
        return [order for order in self.unpaid if order.is_of(phone, owner)]


def _boxes(cart: Iterable[AnyRow]) -> int:
    return sum(row.quantity for row in cart)
