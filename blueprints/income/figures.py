"""What the income report counts, and the formula of each figure."""

from dataclasses import replace
from typing import Any

from blueprints.lists.columns import Column, On, Sum
from core.errors import N_
from queries.income.figures import Sums, VillageIncome

SALE_FIGURES = (
    Sum(
        "weight_g",
        N_("销售重量"),
        "g",
        short=N_("重量（斤）"),
        formula=N_("当期送达的净重，减去退货件数的净重（退货算在退款记账那天）。"),
    ),
    Sum(
        "orders",
        N_("订单数"),
        "orders",
        short=N_("订单"),
        formula=N_(
            "当期送达的订单，一张订单只数一次；分到各行时，有这种商品的都各数一次。"
        ),
    ),
    Sum(
        "gross_fen",
        N_("销售额"),
        "fen",
        short=N_("销售额"),
        formula=N_("当期送达记账的货款，不含运费；送达前已退的不在内。"),
    ),
    Sum(
        "refunds_fen",
        N_("退款"),
        "fen",
        short=N_("退款"),
        formula=N_("当期记账的货款退款，不含运费；由承运方或平台赔的不在内。"),
    ),
    Sum(
        "net_fen",
        N_("销售净额"),
        "fen",
        short=N_("净额"),
        formula=N_("销售额 − 退款；等于下面六项之和。"),
    ),
    Sum(
        "member_fen",
        N_("农户所得"),
        "fen",
        short=N_("农户"),
        formula=N_(
            "货款分给农户的部分，减去退款和农户承担的手续费；还没分到户的也在内。"
        ),
    ),
    Sum(
        "coop_fen",
        N_("合作社公积"),
        "fen",
        short=N_("合作社"),
        formula=N_("货款留作公积的部分，减去退款和合作社承担的手续费。"),
    ),
    Sum(
        "village_operating_fen",
        N_("村集体经营分成"),
        "fen",
        short=N_("村集体"),
        formula=N_("这些销售分给村集体的部分，减去退款和村集体承担的手续费。"),
    ),
    Sum(
        "host_fen",
        N_("联盟和主播"),
        "fen",
        short=N_("联盟主播"),
        formula=N_("货款分给联盟或主播的部分，减去退款和它们承担的手续费。"),
    ),
    Sum(
        "platform_fen",
        N_("平台服务费"),
        "fen",
        short=N_("平台"),
        formula=N_("货款分给平台的部分，减去退款和平台承担的手续费；可以是负数。"),
    ),
    Sum(
        "psp_fee_fen",
        N_("支付手续费"),
        "fen",
        short=N_("手续费"),
        formula=N_("按货款摊到各行，跟着订单算在送达那天；没送达的算在订单关闭那天。"),
    ),
    Sum(
        "freight_fen",
        N_("运费"),
        "fen",
        short=N_("运费"),
        formula=N_("当期送达订单的运费，减去退回的运费；不在销售净额内。"),
    ),
    Sum(
        "compensation_fen",
        N_("损坏赔付"),
        "fen",
        short=N_("赔付"),
        formula=N_("由承运方或平台赔给买家的钱，单独列出，不减销售额。"),
    ),
)
VILLAGE_FIGURES = (
    Sum(
        "village_other_operating_fen",
        N_("村集体其他经营收入"),
        "fen",
        short=N_("其他经营收入"),
        formula=N_("当期经营收入凭证之和，不含上面的销售分成。"),
    ),
    Sum(
        "village_subsidy_fen",
        N_("村集体补助"),
        "fen",
        short=N_("补助"),
        formula=N_("当期补助收入凭证之和，不算经营收入。"),
    ),
    Sum(
        "people_employed",
        N_("用工人数"),
        "people",
        short=N_("用工（人）"),
        formula=N_("当期所含各月的用工登记，同一个人只数一次。"),
    ),
    Sum("wages_fen", N_("工资"), "fen", formula=N_("当期所含各月用工登记的工资之和。")),
)
FIGURES = SALE_FIGURES + VILLAGE_FIGURES


def figure_column(figure: Sum, on: On = On.ALL) -> Column:
    """The column of a figure, over rows with Sums and perhaps a village's income."""

    def value(row: Any) -> int:
        return value_of(figure.name, row.sums, getattr(row, "income", None))

    return replace(figure, get=value, on=on)


def value_of(name: str, sums: Sums, income: VillageIncome | None = None) -> int:
    """A figure by its name, among sales or a village's own income."""
    return int(getattr(sums if hasattr(sums, name) else income, name))
