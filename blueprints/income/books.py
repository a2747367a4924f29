"""Vouchers and employment: entered, listed, and taken back with a reason."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.income.filters import (
    READERS,
    SEERS_OF_PEOPLE,
    BookFilter,
    may_enter,
    sees_people,
)
from blueprints.income.forms import EmploymentForm, VoidForm, VoucherForm
from blueprints.lists.columns import Column, On, Sum
from blueprints.lists.reports import Listing
from blueprints.nouns import income as bp
from core.access import allow, get_actor
from core.database import transaction
from core.errors import N_, DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.pages.paging import Page
from domain.ledger.entries import VillageIncomeKind
from domain.periods import month_label
from domain.roles import Role
from queries.income.books import (
    EmploymentRow,
    VoucherRow,
    employment_in,
    employment_totals,
    find_employment,
    find_voucher,
    voucher_totals,
    vouchers_in,
)
from queries.income.scope import bookkeeping_scope, choices_in
from services import income

VOUCHER_KINDS = {
    VillageIncomeKind.OPERATING: N_("经营收入"),
    VillageIncomeKind.SUBSIDY: N_("补助收入"),
}
ACT = Column("act", N_("操作"), on=On.PAGE, cls="act")


class BookList(Listing):
    """What the books of the villages in scope hold."""

    form: BookFilter
    may_enter, sees_people = staticmethod(may_enter), staticmethod(sees_people)


class VoucherList(BookList):
    """The income vouchers of villages in scope."""

    name, title = "income_vouchers", N_("收入凭证")
    template = "income/vouchers.html"
    counted = N_("共 %(total)s 张")
    columns = (
        Column("number", N_("凭证号")),
        Column("village", N_("村")),
        Column("received_on", N_("收款日期")),
        Column("kind", N_("种类"), words=VOUCHER_KINDS),
        Column("amount_fen", N_("金额"), "fen"),
        Column("memo", N_("摘要")),
        Column("entered_by", N_("登记人"), on=On.FILES),
        Column(
            "is_void",
            N_("状态"),
            get=lambda row: row.voided_at is not None,
            words={True: N_("已作废"), False: N_("已入账")},
        ),
        ACT,
    )
    sums = (
        Sum(
            "operating_fen",
            "fen",
            N_("经营收入合计"),
            N_("这些凭证里经营收入的金额之和，作废的不算。"),
        ),
        Sum(
            "subsidy_fen",
            "fen",
            N_("补助收入合计"),
            N_("这些凭证里补助收入的金额之和，作废的不算。"),
        ),
    )

    def find(self, page: int, per_page: int) -> Page[VoucherRow]:
        return vouchers_in(
            self.form.narrowing, page, period=self.form.period, per_page=per_page
        )

    @cached_property
    def totals(self) -> Mapping[str, int]:
        return asdict(voucher_totals(self.form.narrowing, self.form.period))


class EmploymentList(BookList):
    """The employment records in scope."""

    name, title = "employment", N_("用工登记")
    template = "income/employment.html"
    columns = (
        Column("person_name", N_("姓名")),
        Column(
            "month",
            N_("月份"),
            get=lambda row: month_label(row.month),
        ),
        Column("village", N_("村")),
        Column("days", N_("天数"), "number"),
        Column("wages_fen", N_("工资"), "fen"),
        Column("cooperative", N_("合作社")),
        Column("entered_by", N_("登记人"), on=On.FILES),
        Column(
            "is_void",
            N_("状态"),
            get=lambda row: row.voided_at is not None,
            words={True: N_("已作废"), False: N_("有效")},
        ),
        ACT,
    )
    sums = (
        Sum(
            "people_employed",
            "people",
            N_("用工人数"),
            N_("这些登记里不同的人，同一个人只数一次，作废的不算。"),
        ),
        Sum("days", "days", N_("天数合计"), N_("这些登记的天数之和，作废的不算。")),
        Sum("wages_fen", "fen", N_("工资合计"), N_("这些登记的工资之和，作废的不算。")),
    )

    def find(self, page: int, per_page: int) -> Page[EmploymentRow]:
        return employment_in(
            self.form.narrowing, page, period=self.form.period, per_page=per_page
        )

    @cached_property
    def totals(self) -> Mapping[str, int]:
        return asdict(employment_totals(self.form.narrowing, self.form.period))


@bp.get("/vouchers")
@allow(*READERS)
def vouchers() -> ResponseReturnValue:
    """The vouchers, in the format asked for."""
    return VoucherList(BookFilter()).answer()


@bp.route("/vouchers/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_voucher() -> ResponseReturnValue:
    """Enter a voucher; it is posted to the village's books at once."""
    form = VoucherForm()
    form.offer(choices_in(bookkeeping_scope(get_actor())).villages)
    if form.validate_on_submit():
        entered = _kept(
            form.number, lambda: income.record_voucher(form.to_draft(), get_actor())
        )
        if entered:
            flash(_("凭证登记好了，已经记进村集体的账。"), "ok")
            return redirect(url_for("income.vouchers"), 303)
    return render_template("income/voucher_form.html", form=form), form.status


@bp.route("/vouchers/<id:voucher_id>/void", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def void_voucher(voucher_id: int) -> ResponseReturnValue:
    """Take a voucher back: a second entry undoes the first."""
    voucher = find_voucher(voucher_id, bookkeeping_scope(get_actor()))
    if voucher is None:
        raise NotFound
    form = VoidForm()
    if form.validate_on_submit():
        with transaction():
            income.void_voucher(voucher_id, form.reason.data, get_actor())
        flash(_("凭证作废了，账上已经冲回。"), "ok")
        return redirect(url_for("income.vouchers"), 303)
    page = render_template("income/void_voucher.html", form=form, voucher=voucher)
    return page, form.status


@bp.get("/employment")
@allow(*SEERS_OF_PEOPLE)
def employment() -> ResponseReturnValue:
    """The employment records, in the format asked for."""
    return EmploymentList(BookFilter()).answer()


@bp.route("/employment/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def new_employment() -> ResponseReturnValue:
    """Enter one person's paid work of one month."""
    form = EmploymentForm()
    choices = choices_in(bookkeeping_scope(get_actor()))
    form.offer(choices.cooperatives, choices.villages)
    if form.validate_on_submit():
        secret = current_app.config["TIANBO"].secret_key
        entered = _kept(
            form.person_name,
            lambda: income.record_employment(form.to_draft(secret), get_actor()),
        )
        if entered:
            flash(_("用工登记好了。"), "ok")
            return redirect(url_for("income.employment"), 303)
    return render_template("income/employment_form.html", form=form), form.status


@bp.route("/employment/<id:employment_id>/void", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT)
def void_employment(employment_id: int) -> ResponseReturnValue:
    """Take an employment record back."""
    work = find_employment(employment_id, bookkeeping_scope(get_actor()))
    if work is None:
        raise NotFound
    form = VoidForm()
    if form.validate_on_submit():
        with transaction():
            income.void_employment(employment_id, form.reason.data, get_actor())
        flash(_("这条用工登记作废了。"), "ok")
        return redirect(url_for("income.employment"), 303)
    page = render_template("income/void_employment.html", form=form, work=work)
    return page, form.status


def _kept(field: Any, enter: Callable[[], int]) -> bool:
    """Whether it was entered; a rule that said no speaks at `field`."""
    try:
        with transaction():
            enter()
    except NotFound:
        raise
    except DomainError as error:
        field.errors = [say(error)]
        return False
    return True
