"""Vouchers and employment: entered, listed, and taken back with a reason."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import attempt
from blueprints.income.filters import BookFilter
from blueprints.income.forms import EmploymentForm, VoidForm, VoucherForm
from blueprints.lists.columns import Column, On, Sum
from blueprints.lists.reports import Listing
from blueprints.navigation import may_open
from blueprints.nouns import income as bp
from core.access import allow, get_actor
from core.database import AnyRow
from core.errors import N_
from core.i18n import gettext as _
from core.pages.filters import local_month
from core.pages.paging import Page
from domain.ledger.entries import VillageIncomeKind
from domain.periods import month_label
from domain.roles import BOOK_READERS, INCOME_READERS, Role
from models.income import BookEntry, Employment, IncomeVoucher
from queries.income.books import entries_in, entry_sums, get_entry
from services import income

OF_EARNED = N_("这些凭证里经营收入的金额之和，作废的不算。")
OF_SUBSIDIES = N_("这些凭证里补助收入的金额之和，作废的不算。")
OF_PEOPLE = N_("这些登记里不同的人，同一个人只数一次，作废的不算。")
OF_DAYS = N_("这些登记的天数之和，作废的不算。")
OF_WAGES = N_("这些登记的工资之和，作废的不算。")


class BookList(Listing):
    """Entries of the books of the villages in scope, in `table`."""

    table: ClassVar[type[BookEntry]]
    form: BookFilter
    at, template = "income", "income/book.html"

    def find(self, page: int, per_page: int) -> Page[AnyRow]:
        chosen = (self.form.narrowing, self.form.period)
        return entries_in(self.table, *chosen, page, per_page)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        return entry_sums(self.table, self.form.narrowing, self.form.period)


def standing(word: str) -> Column:
    """Whether an entry still counts; word: Chinese source text for one that does."""
    return Column(
        "is_void",
        N_("状态"),
        get=lambda row: row.voided_at is not None,
        words={True: N_("已作废"), False: word},
        tones={True: "haw", False: "leaf"},
    )


def void_link(endpoint: str, key: str) -> Column:
    """The link that takes an entry back. key: of the entry's id in the address."""

    def words(row: AnyRow) -> str:
        return _("作废") if may_open(endpoint) and not row.voided_at else ""

    def link(row: AnyRow) -> str:
        entry_id: dict[str, Any] = {key: row.id}
        return url_for(endpoint, **entry_id)

    return Column("void", N_("操作"), words=words, link=link, on=On.PAGE, cls="act")


class VoucherList(BookList):
    """The income vouchers of villages in scope."""

    name, title, table = "income_vouchers", N_("收入凭证"), IncomeVoucher
    lead = N_("卖货分成以外的村集体收入，一张凭证记一笔。")
    nothing = (
        N_("还没有凭证"),
        N_("收到租金、补助这样的钱，登记一张凭证，报表里就有了。"),
    )
    acts = (("income.new_voucher", N_("登记凭证")),)
    counted = N_("共 %(total)s 张")
    columns = (
        Column("number", N_("凭证号")),
        Column("village", N_("村")),
        Column("received_on", N_("收款日期")),
        Column("kind", N_("种类"), get=lambda row: VillageIncomeKind(row.kind)),
        Column("amount_fen", N_("金额"), "fen"),
        Column("memo", N_("摘要")),
        Column("entered_by", N_("登记人"), on=On.FILES),
        standing(N_("已入账")),
        void_link("income.void_voucher", "voucher_id"),
    )
    sums = (
        Sum("operating_fen", N_("经营收入合计"), "fen", formula=OF_EARNED),
        Sum("subsidy_fen", N_("补助收入合计"), "fen", formula=OF_SUBSIDIES),
    )


class EmploymentList(BookList):
    """The employment records in scope."""

    name, title, table = "employment", N_("用工登记"), Employment
    lead = N_("谁、哪个月、干了几天、发了多少工资，一人一月一条。")
    nothing = (
        N_("还没有用工登记"),
        N_("分拣、装箱、挖姜请了谁，登记在这里，报表就能数出带动了多少人。"),
    )
    acts = (("income.new_employment", N_("登记用工")),)
    columns = (
        Column("person_name", N_("姓名")),
        Column("month", N_("月份"), get=lambda row: local_month(row.month), on=On.PAGE),
        Column(
            "month", N_("月份"), get=lambda row: month_label(row.month), on=On.FILES
        ),
        Column("village", N_("村")),
        Column("days", N_("天数"), "number"),
        Column("wages_fen", N_("工资"), "fen"),
        Column("cooperative", N_("合作社")),
        Column("entered_by", N_("登记人"), on=On.FILES),
        standing(N_("有效")),
        void_link("income.void_employment", "employment_id"),
    )
    sums = (
        Sum("people_employed", N_("用工人数"), "people", formula=OF_PEOPLE),
        Sum("days", N_("天数合计"), "days", formula=OF_DAYS),
        Sum("wages_fen", N_("工资合计"), "fen", formula=OF_WAGES),
    )


@bp.get("/vouchers")
@allow(*INCOME_READERS)
def vouchers() -> ResponseReturnValue:
    """The vouchers, in the format asked for."""
    return VoucherList(BookFilter()).answer()


@bp.route("/vouchers/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_voucher() -> ResponseReturnValue:
    """Enter a voucher; it is posted to the village's books at once."""
    form, actor = VoucherForm(), get_actor()
    if attempt(form, lambda: income.record_voucher(actor, form.build(IncomeVoucher))):
        flash(_("凭证登记好了，已经记进村集体的账。"), "ok")
        return redirect(url_for("income.vouchers"), 303)
    return render_template("income/voucher_form.html", form=form), form.status


@bp.route("/vouchers/<id:voucher_id>/void", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def void_voucher(voucher_id: int) -> ResponseReturnValue:
    """Take a voucher back: a second posting undoes the first."""
    said = _("凭证作废了，账上已经冲回。")
    return _void(IncomeVoucher, voucher_id, "income.vouchers", said)


@bp.get("/employment")
@allow(*BOOK_READERS)
def employment() -> ResponseReturnValue:
    """The employment records, in the format asked for."""
    return EmploymentList(BookFilter(BOOK_READERS)).answer()


@bp.route("/employment/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_employment() -> ResponseReturnValue:
    """Enter one person's paid work of one month."""
    form, actor = EmploymentForm(), get_actor()
    if attempt(form, lambda: income.record_employment(actor, form.work())):
        flash(_("用工登记好了。"), "ok")
        return redirect(url_for("income.employment"), 303)
    return render_template("income/employment_form.html", form=form), form.status


@bp.route("/employment/<id:employment_id>/void", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def void_employment(employment_id: int) -> ResponseReturnValue:
    """Take an employment record back."""
    said = _("这条用工登记作废了。")
    return _void(Employment, employment_id, "income.employment", said)


def _void(
    table: type[BookEntry], entry_id: int, back: str, said: str
) -> ResponseReturnValue:
    """Ask why, in the template called as the view; then take the entry back."""
    form, actor = VoidForm(), get_actor()
    entry = get_entry(table, entry_id, actor)
    if attempt(form, lambda: income.void(actor, table, entry_id, form.reason.data)):
        flash(said, "ok")
        return redirect(url_for(back), 303)
    template = "income/void_voucher.html"
    if table is Employment:
        template = "income/void_employment.html"
    return render_template(template, form=form, entry=entry), form.status
