"""Vouchers and employment: entered, listed, and taken back with a reason."""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.income import bp
from blueprints.income.access import (
    READERS,
    SEERS_OF_PEOPLE,
    may_enter,
    sees_people,
)
from blueprints.income.forms import EmploymentForm, VoidForm, VoucherForm
from core.access import Role, allow, get_actor
from core.database import transaction
from core.errors import N_, DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.paging import page_number
from domain.ledger import VillageIncomeKind
from queries.income import (
    Narrowing,
    bookkeeping_scope,
    choices_in,
    employment_in,
    find_employment,
    find_voucher,
    income_scope,
    vouchers_in,
)
from services import income

KIND_WORDS = {
    VillageIncomeKind.OPERATING: N_("经营收入"),
    VillageIncomeKind.SUBSIDY: N_("补助收入"),
}


@bp.get("/vouchers")
@allow(*READERS)
def vouchers() -> ResponseReturnValue:
    """The income vouchers of villages in scope."""
    narrowing = Narrowing(income_scope(get_actor()))
    page = vouchers_in(narrowing, page_number(request.args.get("page")))
    return render_template(
        "income/vouchers.html",
        page=page,
        kind_words={kind: _(text) for kind, text in KIND_WORDS.items()},
        may_enter=may_enter(),
        sees_people=sees_people(),
    )


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
    """The employment records in scope."""
    narrowing = Narrowing(income_scope(get_actor()))
    page = employment_in(narrowing, page_number(request.args.get("page")))
    return render_template(
        "income/employment.html",
        page=page,
        may_enter=may_enter(),
        sees_people=sees_people(),
    )


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
