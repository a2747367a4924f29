"""Vouchers and employment: entered, listed, and taken back with a reason."""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.exports import ReportFormat, refused_json, wanted_format
from blueprints.income.access import (
    READERS,
    SEERS_OF_PEOPLE,
    may_enter,
    sees_people,
)
from blueprints.income.book_files import (
    KIND_WORDS,
    employment_report,
    vouchers_report,
)
from blueprints.income.book_filter import AskedBooks, asked_books
from blueprints.income.forms import EmploymentForm, VoidForm, VoucherForm
from blueprints.lists import ListReport, list_answer, moment_words
from blueprints.nouns import income as bp
from core.access import allow, get_actor
from core.clock import now
from core.database import transaction
from core.errors import DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.pages.paging import Page, page_number
from domain.roles import Role
from queries.income.books import (
    employment_in,
    find_employment,
    find_voucher,
    vouchers_in,
)
from queries.income.scope import bookkeeping_scope, choices_in
from services import income


@bp.get("/vouchers")
@allow(*READERS)
def vouchers() -> ResponseReturnValue:
    """The income vouchers of villages in scope, in the format asked for."""
    return _list("income/vouchers.html", vouchers_in, vouchers_report)


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
    """The employment records in scope, in the format asked for."""
    return _list("income/employment.html", employment_in, employment_report)


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


def _list(
    template: str,
    read: Callable[..., Page[Any]],
    report: Callable[[AskedBooks], ListReport],
) -> ResponseReturnValue:
    """A book as its page, or as a file. Days that cannot be read show nothing."""
    wanted, found = wanted_format(), asked_books()
    if wanted is not ReportFormat.HTML:
        if not found.is_right:
            return refused_json(found.form)
        return list_answer(wanted, report(found))
    number = page_number(request.args.get("page"))
    page = found.is_right and read(found.narrowing, number, period=found.form.period())
    shown = render_template(
        template,
        page=page,
        form=found.form,
        choices=found.choices,
        as_of=moment_words(now()),
        kind_words={kind: _(text) for kind, text in KIND_WORDS.items()},
        may_enter=may_enter(),
        sees_people=sees_people(),
    )
    return shown, 200 if found.is_right else 422


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
