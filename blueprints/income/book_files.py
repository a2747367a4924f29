"""Vouchers and employment as files."""

from collections.abc import Sequence

from blueprints.income.asked import scope_facts, scope_json
from blueprints.income.book_filter import AskedBooks
from blueprints.lists import MOST_ROWS, Field, ListReport, Total
from core.clock import now
from core.errors import N_
from core.i18n import gettext as _
from domain.ledger.entries import VillageIncomeKind
from integrations.exports.document import ColumnKind
from queries.income.books import (
    employment_in,
    employment_totals,
    voucher_totals,
    vouchers_in,
)

KIND_WORDS = {
    VillageIncomeKind.OPERATING: N_("经营收入"),
    VillageIncomeKind.SUBSIDY: N_("补助收入"),
}
VOUCHER_FIELDS = (
    Field("number", N_("凭证号"), lambda row: row.number),
    Field("village", N_("村"), lambda row: row.village),
    Field("received_on", N_("收款日期"), lambda row: row.received_on.isoformat()),
    Field(
        "kind",
        N_("种类"),
        lambda row: row.kind.value,
        words=lambda row: _(KIND_WORDS[row.kind]),
    ),
    Field("amount_fen", N_("金额（元）"), lambda row: row.amount_fen, ColumnKind.YUAN),
    Field("memo", N_("摘要"), lambda row: row.memo),
    Field("entered_by", N_("登记人"), lambda row: row.entered_by),
    Field(
        "is_void",
        N_("状态"),
        lambda row: row.voided_at is not None,
        words=lambda row: _("已作废") if row.voided_at else _("已入账"),
    ),
)
EMPLOYMENT_FIELDS = (
    Field("person_name", N_("姓名"), lambda row: row.person_name),
    Field("month", N_("月份"), lambda row: f"{row.month:%Y-%m}"),
    Field("village", N_("村"), lambda row: row.village),
    Field("days", N_("天数"), lambda row: row.days, ColumnKind.COUNT),
    Field("wages_fen", N_("工资（元）"), lambda row: row.wages_fen, ColumnKind.YUAN),
    Field("cooperative", N_("合作社"), lambda row: row.cooperative),
    Field("entered_by", N_("登记人"), lambda row: row.entered_by),
    Field(
        "is_void",
        N_("状态"),
        lambda row: row.voided_at is not None,
        words=lambda row: _("已作废") if row.voided_at else _("有效"),
    ),
)


def vouchers_report(found: AskedBooks) -> ListReport:
    """The vouchers of a filter that was typed right."""
    moment, period = now(), found.form.period()
    sums = voucher_totals(found.narrowing, period)
    page = vouchers_in(found.narrowing, 1, period=period, per_page=MOST_ROWS)
    totals = (
        Total(
            "operating_fen",
            N_("经营收入合计"),
            sums.operating_fen,
            "fen",
            N_("这些凭证里经营收入的金额之和，作废的不算。"),
        ),
        Total(
            "subsidy_fen",
            N_("补助收入合计"),
            sums.subsidy_fen,
            "fen",
            N_("这些凭证里补助收入的金额之和，作废的不算。"),
        ),
    )
    return ListReport(
        name="income_vouchers",
        title=_("收入凭证"),
        as_of=moment,
        period=period,
        scope=scope_json(found.narrowing, found.choices),
        about=scope_facts(found.narrowing, found.choices)[:2],
        fields=VOUCHER_FIELDS,
        rows=page.items,
        found=page.total,
        totals=totals,
    )


def employment_report(found: AskedBooks) -> ListReport:
    """The employment records of a filter that was typed right."""
    moment, period = now(), found.form.period()
    page = employment_in(found.narrowing, 1, period=period, per_page=MOST_ROWS)
    return ListReport(
        name="employment",
        title=_("用工登记"),
        as_of=moment,
        period=period,
        scope=scope_json(found.narrowing, found.choices),
        about=scope_facts(found.narrowing, found.choices)[:2],
        fields=EMPLOYMENT_FIELDS,
        rows=page.items,
        found=page.total,
        totals=_employment_totals(found),
    )


def _employment_totals(found: AskedBooks) -> Sequence[Total]:
    sums = employment_totals(found.narrowing, found.form.period())
    return (
        Total(
            "people_employed",
            N_("用工人数"),
            sums.people,
            "people",
            N_("这些登记里不同的人，同一个人只数一次，作废的不算。"),
        ),
        Total(
            "days",
            N_("天数合计"),
            sums.days,
            "days",
            N_("这些登记的天数之和，作废的不算。"),
        ),
        Total(
            "wages_fen",
            N_("工资合计"),
            sums.wages_fen,
            "fen",
            N_("这些登记的工资之和，作废的不算。"),
        ),
    )
