"""What the income report counts of sales, and of villages' own books."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Sums:
    """Sales of some lines in some period; each party's figure is after the fee."""

    weight_g: int = 0
    orders: int = 0
    gross_fen: int = 0
    refunds_fen: int = 0
    freight_fen: int = 0
    member_fen: int = 0
    coop_fen: int = 0
    village_operating_fen: int = 0
    host_fen: int = 0
    platform_fen: int = 0
    psp_fee_fen: int = 0
    compensation_fen: int = 0

    @property
    def net_fen(self) -> int:
        """Goods sold less goods refunded; the parties' figures add up to it."""
        return self.gross_fen - self.refunds_fen

    @property
    def parties_fen(self) -> int:
        """What the parties keep and the payment service took."""
        return (
            self.member_fen
            + self.coop_fen
            + self.village_operating_fen
            + self.host_fen
            + self.platform_fen
            + self.psp_fee_fen
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened at all."""
        return self == Sums()

    def __add__(self, other: "Sums") -> "Sums":
        names = [field.name for field in fields(self)]
        return Sums(
            **{name: getattr(self, name) + getattr(other, name) for name in names}
        )


def add_up(parts: Iterable[Sums]) -> Sums:
    """The sum of `parts`. Orders with lines in several parts count in each."""
    return sum(parts, Sums())


@dataclass(frozen=True)
class VillageIncome:
    """A village's own books and its employment, besides its share of sales."""

    village_subsidy_fen: int = 0
    village_other_operating_fen: int = 0
    people_employed: int = 0
    wages_fen: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the village has neither vouchers nor employment."""
        return self == VillageIncome()
