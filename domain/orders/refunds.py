"""What is left to refund: the one sum, by line and of the whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.orders.states import RefundState

HELD = frozenset(RefundState) - {RefundState.REJECTED}
"""What was asked for is taken, whatever becomes of it but a refusal. A failed refund is
still owed and will be tried again: nobody may ask for it twice."""

GRANTED = HELD - {RefundState.REQUESTED}


@dataclass(frozen=True)
class Amounts:
    """Boxes, goods and freight in fen of one line: bought, refunded or left."""

    quantity: int = 0
    goods_fen: int = 0
    freight_fen: int = 0

    def without(self, other: "Amounts") -> "Amounts":
        """What stays when `other` is taken off."""
        return Amounts(
            self.quantity - other.quantity,
            self.goods_fen - other.goods_fen,
            self.freight_fen - other.freight_fen,
        )


@dataclass(frozen=True)
class RefundedLine:
    """What one refund, in its state, names of one line."""

    line_id: int
    refund_id: int
    state: RefundState
    amounts: Amounts

    @property
    def is_granted(self) -> bool:
        """Whether the money is the buyer's already."""
        return self.state in GRANTED


def left_of_lines(
    bought: Mapping[int, Amounts],
    refunded: Iterable[RefundedLine],
    counted: frozenset[RefundState] = HELD,
) -> dict[int, Amounts]:
    """Per line id what no refund in one of the `counted` states names yet."""
    left = dict(bought)
    for part in refunded:
        if part.state in counted:
            left[part.line_id] = left[part.line_id].without(part.amounts)
    return left


def left_to_refund_fen(paid_fen: int, refunds: Iterable[tuple[str, int]]) -> int:
    """What may still be refunded of a payment.

    refunds: state and fen of each that is of its price.
    """
    held_fen = sum(fen for state, fen in refunds if RefundState(state) in HELD)
    return max(0, paid_fen - held_fen)
