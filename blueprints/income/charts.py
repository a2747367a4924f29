"""The report's headline numbers and drawings, from its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.charts.bars import HBars, Part, Row, SplitBar
from core.charts.bars import hbars as draw_hbars
from core.charts.bars import split_bar as draw_split_bar
from core.charts.columns import BarChart, Series, bar_chart
from core.charts.scale import Unit, fitting
from core.i18n import gettext as _
from core.i18n import ngettext, page_language
from core.pages.filters import jin_plain, yuan_plain
from queries.income.figures import Grain, Sums
from queries.income.report import IncomeReport, Slice

MOST_PRODUCTS = 8


@dataclass(frozen=True)
class Tile:
    """A headline number; direction is up, down or nothing for its note."""

    label: str
    value: str
    unit: str
    note: str
    direction: str
    tone: str


def yuan_unit(values: Sequence[int]) -> Unit:
    """Yuan, or tens of thousands when the numbers fill them."""
    ten_thousands = Unit(_("万元"), 1_000_000, 1)
    if page_language() == "en":
        ten_thousands = Unit(_("千元"), 100_000, 1)
    return fitting(values, Unit(_("元"), 100), ten_thousands)


def exact_yuan() -> Unit:
    """Yuan to the fen."""
    return Unit(_("元"), 100, 2)


def tiles(report: IncomeReport) -> Sequence[Tile]:
    """Six headline numbers with the same days of the year before."""
    money = (
        (_("销售净额"), "net_fen", "buy"),
        (_("农户所得"), "member_fen", "leaf"),
        (_("村集体经营分成"), "village_operating_fen", "tuber"),
        (_("合作社公积"), "coop_fen", "soil"),
    )
    return [
        *(_money_tile(report, *line) for line in money),
        _weight_tile(report),
        _refund_tile(report),
    ]


def over_time(report: IncomeReport) -> BarChart:
    """Where the money of each day, month or year went; the parts add up to net."""
    sums = [part.sums for part in report.slices]
    unit = yuan_unit([one.net_fen for one in sums])
    return bar_chart(
        [slice_label(part, report.grain) for part in report.slices],
        [
            Series(_("农户"), [one.member_fen for one in sums], "leaf"),
            Series(_("村集体"), [one.village_operating_fen for one in sums], "tuber"),
            Series(_("合作社"), [one.coop_fen for one in sums], "soil"),
            Series(_("联盟和主播"), [one.host_fen for one in sums], "ginger"),
            Series(_("平台和手续费"), [_services(one) for one in sums], "haw"),
        ],
        unit=unit,
        exact=exact_yuan(),
    )


def over_time_words(report: IncomeReport) -> str:
    """What the drawing over time shows, in a sentence."""
    best = max(report.slices, key=lambda part: part.sums.net_fen)
    words = _(
        "柱状图：一共 %(total)s 元；最多的是 %(label)s，%(best)s 元。",
        total=yuan_plain(report.totals.net_fen),
        label=slice_label(best, report.grain),
        best=yuan_plain(best.sums.net_fen),
    )
    return str(words)


def where_it_went(totals: Sums) -> SplitBar:
    """The parties' parts of net sales."""
    fees = _(
        "平台 %(platform)s，支付手续费 %(fee)s",
        platform=yuan_plain(totals.platform_fen),
        fee=yuan_plain(totals.psp_fee_fen),
    )
    return draw_split_bar(
        [
            Part(_("农户"), totals.member_fen, "leaf"),
            Part(_("村集体"), totals.village_operating_fen, "tuber"),
            Part(_("合作社公积"), totals.coop_fen, "soil"),
            Part(_("联盟和主播"), totals.host_fen, "ginger"),
            Part(_("平台和手续费"), _services(totals), "haw", fees),
        ],
        unit=exact_yuan(),
    )


def by_product(report: IncomeReport) -> HBars:
    """Net sales by product; what is left of the list is one row."""
    sums: dict[str, int] = {}
    for row in report.rows:
        sums[row.product.name] = sums.get(row.product.name, 0) + row.sums.net_fen
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    shown, rest = ranked[:MOST_PRODUCTS], ranked[MOST_PRODUCTS:]
    tones = ("ginger", "tuber", "haw", "soil", "buy", "leaf")
    rows = [
        Row(name, fen, tones[index % len(tones)])
        for index, (name, fen) in enumerate(shown)
    ]
    if rest:
        name = ngettext("其他 %(num)s 样", "其他 %(num)s 样", len(rest))
        rows.append(Row(name, sum(fen for _name, fen in rest), "soil"))
    return draw_hbars(rows, unit=exact_yuan())


def product_count(report: IncomeReport) -> int:
    """How many products have figures."""
    return len({row.product.id for row in report.rows})


def slice_label(part: Slice, grain: Grain) -> str:
    """The words under a column: 2026, 26/11 or 11/24."""
    key = part.key
    if grain is Grain.YEAR:
        return str(key)
    if grain is Grain.MONTH:
        return f"{key // 100 % 100:02d}/{key % 100:02d}"
    return f"{key // 100 % 100}/{key % 100}"


def _services(sums: Sums) -> int:
    """Platform and fee together: a platform that bears the fee shows a minus."""
    return sums.platform_fen + sums.psp_fee_fen


def _money_tile(report: IncomeReport, label: str, name: str, tone: str) -> Tile:
    value, before = getattr(report.totals, name), getattr(report.before, name)
    unit = yuan_unit([value])
    note, direction = compared(value, before)
    shown = unit if unit.base > 100 else exact_yuan()
    return Tile(label, shown.text(value), unit.name, note, direction, tone)


def _weight_tile(report: IncomeReport) -> Tile:
    totals, before = report.totals, report.before
    note, direction = compared(totals.weight_g, before.weight_g)
    orders = ngettext("%(num)s 单", "%(num)s 单", totals.orders)
    return Tile(
        _("销售重量"),
        jin_plain(totals.weight_g),
        _("斤"),
        _("%(orders)s；%(note)s", orders=orders, note=note),
        direction,
        "ginger",
    )


def _refund_tile(report: IncomeReport) -> Tile:
    totals = report.totals
    note = _("退款 %(refunds)s 元", refunds=yuan_plain(totals.refunds_fen))
    if totals.gross_fen <= 0:
        return Tile(_("退款率"), "—", "", note, "", "haw")
    share = Unit("%", 100, 1).text(totals.refunds_fen * 10_000 // totals.gross_fen)
    return Tile(_("退款率"), share, "%", note, "", "haw")


def compared(value: int, before: int) -> tuple[str, str]:
    """How a value stands to the same days a year before, in words, and up or down."""
    if before <= 0:
        return (_("去年同期没有销售"), "") if not before else (_("去年同期是负数"), "")
    tenths = (abs(value - before) * 2000 + before) // (2 * before)
    share: Any = f"{tenths // 10}.{tenths % 10}"
    if value > before:
        return _("▲ 比去年同期多 %(share)s%%", share=share), "up"
    if value < before:
        return _("▼ 比去年同期少 %(share)s%%", share=share), "down"
    return _("和去年同期一样"), ""
