"""What the income report counts: names, units, and the formula of each figure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from core.errors import N_


class FigureUnit(StrEnum):
    """What one of a figure is."""

    GRAM = "g"
    ORDER = "orders"
    FEN = "fen"
    PERSON = "people"


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


@dataclass(frozen=True)
class Figure:
    """A figure of the report; label, short and formula are Chinese source text.

    short: the label as a column's heading.
    """

    name: str
    unit: FigureUnit
    label: str
    short: str
    formula: str


SALE_FIGURES = (
    Figure(
        "weight_g",
        FigureUnit.GRAM,
        N_("销售重量"),
        N_("重量"),
        N_("当期送达的净重，减去退货件数的净重（退货算在退款记账那天）。"),
    ),
    Figure(
        "orders",
        FigureUnit.ORDER,
        N_("订单数"),
        N_("订单"),
        N_("当期送达的订单，一张订单只数一次；分到各行时，有这种商品的都各数一次。"),
    ),
    Figure(
        "gross_fen",
        FigureUnit.FEN,
        N_("销售额"),
        N_("销售额"),
        N_("当期送达记账的货款，不含运费；送达前已退的不在内。"),
    ),
    Figure(
        "refunds_fen",
        FigureUnit.FEN,
        N_("退款"),
        N_("退款"),
        N_("当期记账的货款退款，不含运费；由承运方或平台赔的不在内。"),
    ),
    Figure(
        "net_fen",
        FigureUnit.FEN,
        N_("销售净额"),
        N_("净额"),
        N_("销售额 − 退款；等于下面六项之和。"),
    ),
    Figure(
        "member_fen",
        FigureUnit.FEN,
        N_("农户所得"),
        N_("农户"),
        N_("货款分给农户的部分，减去退款和农户承担的手续费；还没分到户的也在内。"),
    ),
    Figure(
        "coop_fen",
        FigureUnit.FEN,
        N_("合作社公积"),
        N_("合作社"),
        N_("货款留作公积的部分，减去退款和合作社承担的手续费。"),
    ),
    Figure(
        "village_operating_fen",
        FigureUnit.FEN,
        N_("村集体经营分成"),
        N_("村集体"),
        N_("这些销售分给村集体的部分，减去退款和村集体承担的手续费。"),
    ),
    Figure(
        "host_fen",
        FigureUnit.FEN,
        N_("联盟和主播"),
        N_("联盟主播"),
        N_("货款分给联盟或主播的部分，减去退款和它们承担的手续费。"),
    ),
    Figure(
        "platform_fen",
        FigureUnit.FEN,
        N_("平台服务费"),
        N_("平台"),
        N_("货款分给平台的部分，减去退款和平台承担的手续费；可以是负数。"),
    ),
    Figure(
        "psp_fee_fen",
        FigureUnit.FEN,
        N_("支付手续费"),
        N_("手续费"),
        N_("按货款摊到各行，跟着订单算在送达那天；没送达的算在订单关闭那天。"),
    ),
    Figure(
        "freight_fen",
        FigureUnit.FEN,
        N_("运费"),
        N_("运费"),
        N_("当期送达订单的运费，减去退回的运费；不在销售净额内。"),
    ),
    Figure(
        "compensation_fen",
        FigureUnit.FEN,
        N_("损坏赔付"),
        N_("赔付"),
        N_("由承运方或平台赔给买家的钱，单独列出，不减销售额。"),
    ),
)

VILLAGE_FIGURES = (
    Figure(
        "village_subsidy_fen",
        FigureUnit.FEN,
        N_("村集体补助"),
        N_("补助"),
        N_("当期补助收入凭证之和，不算经营收入。"),
    ),
    Figure(
        "village_other_operating_fen",
        FigureUnit.FEN,
        N_("村集体其他经营收入"),
        N_("其他经营收入"),
        N_("当期经营收入凭证之和，不含上面的销售分成。"),
    ),
    Figure(
        "people_employed",
        FigureUnit.PERSON,
        N_("用工人数"),
        N_("用工"),
        N_("当期所含各月的用工登记，同一个人只数一次。"),
    ),
    Figure(
        "wages_fen",
        FigureUnit.FEN,
        N_("工资"),
        N_("工资"),
        N_("当期所含各月用工登记的工资之和。"),
    ),
)

FIGURES = SALE_FIGURES + VILLAGE_FIGURES
