"""The accountant's desk: every order, its money, its books."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import Form
from blueprints.income.words import account_words, entry_words
from blueprints.nouns import orders as bp
from blueprints.orders.desk_forms import ReferenceForm, RemittanceForm, SurplusForm
from blueprints.orders.desk_lists import READERS, OrderFilter, OrderList
from blueprints.orders.forms import ReasonForm
from core.access import allow, get_actor
from core.database import transaction
from core.errors import DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from domain.orders.states import OrderState
from domain.roles import Role
from queries.income.orders import find_order_books
from queries.income.scope import income_scope
from queries.orders.access import find_order_in_scope, scope_of
from queries.orders.details import order_view
from queries.orders.views.orders import OrderView
from services.orders import cancelling, offline

reader = allow(*READERS)
accountant = allow(Role.ACCOUNTANT, fresh=True)


@bp.get("/coop/orders")
@reader
def desk() -> ResponseReturnValue:
    """Every order, in the format asked for."""
    return OrderList(OrderFilter()).answer()


@bp.get("/coop/orders/<number>")
@reader
def desk_order(number: str) -> ResponseReturnValue:
    """An order with its history and every entry in the ledger."""
    return _page(_order(number))


@bp.post("/coop/orders/<number>/transfer")
@accountant
def confirm_transfer(number: str) -> ResponseReturnValue:
    """The buyer's transfer is in the bank."""
    order = _order(number, Role.ACCOUNTANT)
    form = ReferenceForm()
    if not form.validate_on_submit():
        return _page(order, transfer=form)
    try:
        with transaction():
            state = offline.confirm_transfer(
                order.id, get_actor().account_id, form.reference.data
            )
    except DomainError as error:
        return _page(order, refused=error, transfer=form)
    if state is OrderState.PAID:
        flash(_("到账记好了，可以打包了。"), "ok")
    else:
        flash(_("到账记好了。这张订单已经过期，请把钱转回去，退款里有这一笔。"), "warn")
    return _back(order)


@bp.post("/coop/orders/<number>/surplus")
@accountant
def return_transfer(number: str) -> ResponseReturnValue:
    """A transfer came that is not the order's price: it is to go back."""
    order = _order(number, Role.ACCOUNTANT)
    form = SurplusForm()
    if not form.validate_on_submit():
        return _page(order, surplus=form)
    try:
        with transaction():
            offline.return_transfer(
                order.id,
                get_actor().account_id,
                reference=form.reference.data,
                amount_fen=form.amount.data,
            )
    except DomainError as error:
        return _page(order, refused=error, surplus=form)
    flash(_("记好了。请把钱转回去，退款里有这一笔。"), "ok")
    return _back(order)


@bp.post("/coop/orders/<number>/remittance")
@accountant
def record_remittance(number: str) -> ResponseReturnValue:
    """The carrier passed on the cash it collected."""
    order = _order(number, Role.ACCOUNTANT)
    form = RemittanceForm()
    if not form.validate_on_submit():
        return _page(order, remittance=form)
    try:
        with transaction():
            offline.record_remittance(
                order.id,
                get_actor().account_id,
                reference=form.reference.data,
                fee_fen=form.fee_fen,
            )
    except DomainError as error:
        return _page(order, refused=error, remittance=form)
    flash(_("代收款记好了。"), "ok")
    return _back(order)


@bp.post("/coop/orders/<number>/cancel")
@accountant
def cancel_by_desk(number: str) -> ResponseReturnValue:
    """The cooperative cannot send it: what was paid goes back whole."""
    order = _order(number, Role.ACCOUNTANT)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(order, cancelling=form)
    try:
        with transaction():
            cancelling.cancel(order.id, get_actor().account_id, reason=form.reason.data)
    except DomainError as error:
        return _page(order, refused=error, cancelling=form)
    flash(_("订单取消了，付过的钱退给买家。"), "ok")
    return _back(order)


def _order(number: str, *roles: Role) -> OrderView:
    """The order in the person's scope; roles: as holder of one of these."""
    scope = scope_of(get_actor(), *(roles or READERS))
    order_id = find_order_in_scope(number, scope)
    if order_id is None:
        raise NotFound()
    return order_view(order_id)


def _page(
    order: OrderView, refused: DomainError | None = None, **typed: Form
) -> ResponseReturnValue:
    """The order's page; typed: the form that was sent and not accepted, by its name."""
    for form in typed.values():
        if refused is not None:
            form.form_errors.append(say(refused))
    forms: dict[str, Any] = {
        "transfer": ReferenceForm,
        "surplus": SurplusForm,
        "remittance": RemittanceForm,
        "cancelling": ReasonForm,
    }
    actor = get_actor()
    books = find_order_books(order.number, income_scope(actor))
    page = render_template(
        "orders/desk_order.html",
        order=order,
        books=books,
        entry_words=entry_words,
        account_words=account_words,
        may_write=_may_write(order),
        forms={name: typed.get(name) or kind() for name, kind in forms.items()},
    )
    status = refused.status if refused else 422 if typed else 200
    return page, status


def _may_write(order: OrderView) -> bool:
    scope = scope_of(get_actor(), Role.ACCOUNTANT)
    return order.seller.id in scope.cooperative_ids


def _back(order: OrderView) -> ResponseReturnValue:
    return redirect(url_for("orders.desk_order", number=order.number), 303)
