"""Entries for goods that arrived: from now on the parties are owed their shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import Leg, drop_zeros, reverse
from domain.shares import UNASSIGNED_MEMBERS, Party


@dataclass(frozen=True)
class SplitLine:
    """One order line's goods divided among parties, and its freight, in fen."""

    order_line_id: int
    parts: Mapping[Party, int]
    freight_fen: int = 0

    @property
    def goods_fen(self) -> int:
        """The sum of the parties' parts."""
        return sum(self.parts.values())

    @property
    def total_fen(self) -> int:
        """Goods and freight."""
        return self.goods_fen + self.freight_fen

    def owing(self, books: CoopAccounts) -> list[Leg]:
        """What the line takes from its parties and the carrier, as debits."""
        return [
            *(self._leg(books.party(party), fen) for party, fen in self.parts.items()),
            self._leg(books.freight_payable, self.freight_fen),
        ]

    def owed(self, books: CoopAccounts) -> list[Leg]:
        """What the line brings its parties and the carrier, as credits."""
        return reverse(self.owing(books))

    def _leg(self, account: str, amount_fen: int) -> Leg:
        return Leg(account, amount_fen, self.order_line_id)


def delivered(coop_id: int, lines: Sequence[SplitLine]) -> list[Leg]:
    """The parcel arrived: goods are owed to the parties, freight to the carrier.

    lines: see `split_sale`, less what was refunded before delivery.
    """
    books = CoopAccounts(coop_id)
    total_fen = sum(line.total_fen for line in lines)
    owed = [leg for line in lines for leg in line.owed(books)]
    return drop_zeros([Leg(books.order_clearing, total_fen), *owed])


def assign_members(coop_id: int, lines: Sequence[SplitLine]) -> list[Leg]:
    """The accountant says whose goods they were; see `split_among_members`."""
    books = CoopAccounts(coop_id)
    unassigned = books.party(UNASSIGNED_MEMBERS)
    taken = [Leg(unassigned, line.goods_fen, line.order_line_id) for line in lines]
    given = [leg for line in lines for leg in line.owed(books)]
    return drop_zeros(taken + given)
