"""The ledger's entries: each function answers the legs of one kind of entry.

Goods that arrived are owed to the parties; money comes in, less a fee; it is granted
back to buyers and then returned; it goes to the bank and from there to the parties.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import N_
from domain.ledger.accounts import CoopAccounts, VillageAccounts
from domain.ledger.legs import Leg, drop_zeros, reverse, transfer
from domain.orders.states import RefundBearer
from domain.shares import UNASSIGNED_MEMBERS, Party
from domain.states import Labelled


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


def paid(coop_id: int, amount_fen: int) -> list[Leg]:
    """A buyer paid through the payment service: goods and freight."""
    books = CoopAccounts(coop_id)
    return transfer(books.stripe_pending, books.order_clearing, amount_fen)


def fee(coop_id: int, fee_by_line: Mapping[int, int]) -> list[Leg]:
    """The payment service kept its fee; fen per order line, see `split_fee`."""
    books = CoopAccounts(coop_id)
    return _charged(books, fee_by_line) + drop_zeros(
        [Leg(books.stripe_pending, -sum(fee_by_line.values()))]
    )


def fee_borne(coop_id: int, lines: Sequence[SplitLine]) -> list[Leg]:
    """The parties of each line bear its fee; fen per party, see `bear_fee`."""
    books = CoopAccounts(coop_id)
    borne = [leg for line in lines for leg in line.owing(books)]
    recovered = [
        Leg(books.psp_fee_recovered, -line.goods_fen, line.order_line_id)
        for line in lines
    ]
    return drop_zeros(borne + recovered)


def available(coop_id: int, amount_fen: int) -> list[Leg]:
    """The payment service released the amount, its fee already taken."""
    books = CoopAccounts(coop_id)
    return transfer(books.stripe_available, books.stripe_pending, amount_fen)


def bank_transfer(coop_id: int, amount_fen: int) -> list[Leg]:
    """A buyer's transfer arrived at the cooperative's bank."""
    books = CoopAccounts(coop_id)
    return transfer(books.bank, books.order_clearing, amount_fen)


def cash_collected(coop_id: int, amount_fen: int) -> list[Leg]:
    """The carrier took cash at the door: goods and freight."""
    books = CoopAccounts(coop_id)
    return transfer(books.cod_receivable, books.order_clearing, amount_fen)


def cash_remitted(
    coop_id: int, amount_fen: int, *, fee_by_line: Mapping[int, int]
) -> list[Leg]:
    """The carrier passed on what it collected, less its fee per order line.

    amount_fen: what it had collected, the fee included.
    """
    books = CoopAccounts(coop_id)
    received_fen = amount_fen - sum(fee_by_line.values())
    settled = [Leg(books.bank, received_fen), Leg(books.cod_receivable, -amount_fen)]
    return drop_zeros(settled) + _charged(books, fee_by_line)


def _charged(books: CoopAccounts, fee_by_line: Mapping[int, int]) -> list[Leg]:
    return drop_zeros(
        Leg(books.psp_fee, fee_fen, line_id) for line_id, fee_fen in fee_by_line.items()
    )


def refund_undelivered(coop_id: int, amount_fen: int) -> list[Leg]:
    """A refund granted before delivery: goods, freight or both."""
    books = CoopAccounts(coop_id)
    return transfer(books.order_clearing, books.refund_clearing, amount_fen)


def late_payment(coop_id: int, amount_fen: int) -> list[Leg]:
    """A payment that came after its order was released goes back whole.

    It is booked as `paid` first, so that the money is never out of the books.
    """
    return refund_undelivered(coop_id, amount_fen)


def refund(coop_id: int, lines: Sequence[SplitLine]) -> list[Leg]:
    """A refund granted after delivery, borne by the parties of each line.

    lines: see `split_refund`; freight given back lowers what the carrier is owed.
    """
    books = CoopAccounts(coop_id)
    total_fen = sum(line.total_fen for line in lines)
    borne = [leg for line in lines for leg in line.owing(books)]
    return drop_zeros([*borne, Leg(books.refund_clearing, -total_fen)])


def compensation(
    coop_id: int, amount_by_line: Mapping[int, int], bearer: RefundBearer
) -> list[Leg]:
    """A refund for spoiled goods that the carrier or the platform bears.

    amount_by_line: fen per order line. The parties keep their shares.
    """
    if bearer is RefundBearer.PARTIES:
        raise ValueError("what the parties bear is a refund")
    books = CoopAccounts(coop_id)
    claims = [
        Leg(books.claim(bearer), fen, line_id)
        for line_id, fen in amount_by_line.items()
    ]
    total_fen = sum(amount_by_line.values())
    return drop_zeros([*claims, Leg(books.refund_clearing, -total_fen)])


def refund_done(coop_id: int, amount_fen: int, *, paid_from: str) -> list[Leg]:
    """The buyer has the money back.

    paid_from: the account that paid it, such as `CoopAccounts.stripe_available`,
    or `bank` for a transfer.
    """
    return transfer(CoopAccounts(coop_id).refund_clearing, paid_from, amount_fen)


def to_bank(coop_id: int, amount_fen: int) -> list[Leg]:
    """The payment service paid out to the cooperative's bank."""
    books = CoopAccounts(coop_id)
    return transfer(books.bank, books.stripe_available, amount_fen)


def payout_batch(coop_id: int, amounts: Mapping[Party, int]) -> list[Leg]:
    """A batch file for the bank was approved; fen per party."""
    books = CoopAccounts(coop_id)
    settled = [Leg(books.party(party), fen) for party, fen in amounts.items()]
    total_fen = sum(amounts.values())
    return drop_zeros([*settled, Leg(books.payout_clearing, -total_fen)])


def payout_confirmed(coop_id: int, amount_fen: int) -> list[Leg]:
    """The bank confirmed lines of a batch."""
    books = CoopAccounts(coop_id)
    return transfer(books.payout_clearing, books.bank, amount_fen)


def payout_returned(coop_id: int, party: Party, amount_fen: int) -> list[Leg]:
    """The bank returned a party's line: it is owed again."""
    books = CoopAccounts(coop_id)
    return transfer(books.payout_clearing, books.party(party), amount_fen)


class VillageIncomeKind(Labelled):
    """Operating income is earned; subsidies are granted and reported apart."""

    OPERATING = "operating", N_("经营收入")
    SUBSIDY = "subsidy", N_("补助收入")


def village_income(
    village_id: int, amount_fen: int, kind: VillageIncomeKind
) -> list[Leg]:
    """Income recorded from a voucher."""
    books = VillageAccounts(village_id)
    return transfer(books.funds, books.income(kind), amount_fen)
