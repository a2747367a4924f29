"""The accountant's desk: every order, its money, its books."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import Form, attempt, status_of
from blueprints.nouns import orders as bp
from blueprints.orders.desk_forms import ReferenceForm, RemittanceForm, SurplusForm
from blueprints.orders.desk_lists import OrderFilter, OrderList
from blueprints.orders.forms import ReasonForm
from core.access import allow, get_actor
from core.i18n import gettext as _
from domain.orders.states import OrderState
from domain.roles import BOOK_READERS, Role
from models.orders import Order
from queries.income.orders import find_order_books
from queries.income.scope import IncomeScope
from queries.orders.details import get_order_id, order_view
from queries.scopes import find_visible
from services.orders import cancelling, offline

reader = allow(*BOOK_READERS)
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
    return _page(number)


@bp.post("/coop/orders/<number>/transfer")
@accountant
def confirm_transfer(number: str) -> ResponseReturnValue:
    """The buyer's transfer is in the bank."""
    form = ReferenceForm()
    done = attempt(
        form,
        lambda: offline.confirm_transfer(
            get_actor(), _order_id(number), form.reference.data
        ),
    )
    if done is None:
        return _page(number, transfer=form)
    if done.value is OrderState.PAID:
        flash(_("到账记好了，可以打包了。"), "ok")
    else:
        flash(_("到账记好了。这张订单已经过期，请把钱转回去，退款里有这一笔。"), "warn")
    return _back(number)


@bp.post("/coop/orders/<number>/surplus")
@accountant
def return_transfer(number: str) -> ResponseReturnValue:
    """A transfer came that is not the order's price: it is to go back."""
    form = SurplusForm()
    done = attempt(
        form,
        lambda: offline.return_transfer(
            get_actor(),
            _order_id(number),
            reference=form.reference.data,
            amount_fen=form.amount.data,
        ),
    )
    if done is None:
        return _page(number, surplus=form)
    flash(_("记好了。请把钱转回去，退款里有这一笔。"), "ok")
    return _back(number)


@bp.post("/coop/orders/<number>/remittance")
@accountant
def record_remittance(number: str) -> ResponseReturnValue:
    """The carrier passed on the cash it collected."""
    form = RemittanceForm()
    done = attempt(
        form,
        lambda: offline.record_remittance(
            get_actor(),
            _order_id(number),
            reference=form.reference.data,
            fee_fen=form.fee_fen,
        ),
    )
    if done is None:
        return _page(number, remittance=form)
    flash(_("代收款记好了。"), "ok")
    return _back(number)


@bp.post("/coop/orders/<number>/cancel")
@accountant
def cancel_by_desk(number: str) -> ResponseReturnValue:
    """The cooperative cannot send it: what was paid goes back whole."""
    form = ReasonForm()
    done = attempt(
        form,
        lambda: cancelling.cancel(
            get_actor(), _order_id(number), reason=form.reason.data
        ),
    )
    if done is None:
        return _page(number, cancelling=form)
    flash(_("订单取消了，付过的钱退给买家。"), "ok")
    return _back(number)


def _order_id(number: str) -> int:
    """The id of an order that the person may read; the services say what else."""
    return get_order_id(get_actor(), number, *BOOK_READERS)


def _page(number: str, **typed: Form) -> ResponseReturnValue:
    """The order's page; typed: the form that was sent and not accepted, by its name."""
    actor, order = get_actor(), order_view(_order_id(number))
    forms: dict[str, Any] = {
        "transfer": ReferenceForm,
        "surplus": SurplusForm,
        "remittance": RemittanceForm,
        "cancelling": ReasonForm,
    }
    page = render_template(
        "orders/desk_order.html",
        order=order,
        books=find_order_books(order.number, IncomeScope(actor)),
        may_write=find_visible(Order, order.id, actor, Role.ACCOUNTANT) is not None,
        forms={name: typed.get(name) or kind() for name, kind in forms.items()},
    )
    return page, status_of(typed)


def _back(number: str) -> ResponseReturnValue:
    return redirect(url_for("orders.desk_order", number=number), 303)
