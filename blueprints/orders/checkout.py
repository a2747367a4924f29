"""The one page between the cart and the payment."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from flask import (
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from blueprints.buyers import find_buyer, stay_known
from blueprints.fields import is_request_id
from blueprints.forms import attempt
from blueprints.nouns import orders as bp
from blueprints.orders.committing import commit
from blueprints.orders.forms import CheckoutForm
from blueprints.orders.late import PAGE, carry
from blueprints.orders.proving import ask_for_proof, is_phone_proven
from blueprints.payments.routes import pay_address
from core.access import Actor, public
from core.errors import N_, TooMany
from core.i18n import gettext as _
from core.i18n import say
from core.web.requests import client_address
from domain.orders.holds import HELD_FOR, PhoneToProve
from domain.orders.states import PaymentMethod
from domain.regions import is_province
from queries.cooperative import freight_rules
from queries.orders.carts import cart_view
from queries.orders.recent import last_address, last_orders
from queries.orders.wanted import sold_out_boxes
from services.orders.drafts import PlacedOrder, PriceChanged, Submission
from services.orders.placing import EmptyCart
from services.orders.stock import SoldOut

METHOD_NOTES = {
    PaymentMethod.STRIPE: N_("支付宝、微信、银行卡都行，货留 %(time)s 分钟"),
    PaymentMethod.BANK_TRANSFER: N_("下单后把钱转到合作社账户，%(time)s 小时内到账"),
    PaymentMethod.CASH_ON_DELIVERY: N_("收到货再给快递员，合作社 %(time)s 小时内接单"),
}


@bp.route("/checkout", methods=["GET", "POST"])
@public
def checkout() -> ResponseReturnValue:
    """Address, freight, payment method, total; submitting it places the orders."""
    buyer = find_buyer()
    if buyer is None:
        return _nothing_to_pay(None, 422 if request.method == "POST" else 200)
    if boxes := _sold_out(buyer):
        return _too_late(boxes)
    form = CheckoutForm(data=_last_typed(buyer))
    if "quote" in request.form:
        return _quote(buyer, form)
    placed = attempt(
        form,
        lambda: commit(_submission(buyer, form)),
        within=nullcontext,
    )
    if placed is None:
        return _refused(buyer, form)
    stay_known()
    return redirect(_next_address(placed.value[0]), 303)


def _submission(buyer: Actor, form: CheckoutForm) -> Submission:
    draft = form.to_draft(is_phone_proven=is_phone_proven(form))
    return Submission(buyer, draft, client_address())


def _sold_out(buyer: Actor) -> Sequence[str]:
    """What is wanted and gone, asked before anything else: most buyers of a flash sale
    come too late, and must neither queue with the others nor cost much."""
    request_id = request.form.get("request_id", "")
    if "quote" in request.form or not is_request_id(request_id):
        return ()
    return sold_out_boxes(buyer, request_id)


def _too_late(boxes: Sequence[str]) -> ResponseReturnValue:
    """A page that can be sent again as it is, by its button or by reloading it."""
    page = render_template("orders/sold_out.html", boxes=boxes)
    request.environ[PAGE] = page
    return carry(page, request.form, CheckoutForm.names()), SoldOut.status


def _quote(buyer: Actor, form: CheckoutForm) -> ResponseReturnValue:
    """The freight to the chosen province, before the rest is filled in."""
    if form.province.validate(form):
        return _page(buyer, form, 200)
    return _page(buyer, form, form.status)


def _refused(buyer: Actor, form: CheckoutForm) -> ResponseReturnValue:
    if isinstance(form.refused, TooMany):
        raise form.refused
    if isinstance(form.refused, SoldOut) and (boxes := _sold_out(buyer)):
        return _too_late(boxes)
    if isinstance(form.refused, PhoneToProve):
        ask_for_proof(form)
    if isinstance(form.refused, EmptyCart):
        return _nothing_to_pay(buyer, form.status)
    return _page(buyer, form, form.status)


def _next_address(order: PlacedOrder) -> str:
    """Where the buyer pays online, else the order's page."""
    if order.method is PaymentMethod.STRIPE:
        return pay_address(order.number, order.payment_id)
    return url_for("orders.show", number=order.number)


def _last_typed(buyer: Actor) -> dict[str, Any]:
    """A returning buyer finds their last address in the fields."""
    if request.method == "POST":
        return {}
    row = last_address(buyer)
    return dict(row._mapping) if row else {}


def _page(buyer: Actor, form: CheckoutForm, status: int) -> ResponseReturnValue:
    province = form.province.data or ""
    cart = cart_view(buyer, province if is_province(province) else None)
    if not cart.lines:
        return _nothing_to_pay(buyer, status)
    page = render_template(
        "orders/checkout.html",
        form=form,
        cart=cart,
        rules=freight_rules(group.cooperative_id for group in cart.groups),
        notice=say(form.refused) if isinstance(form.refused, PriceChanged) else "",
        method_notes=_method_notes(),
        say=say,
        asks_code=form.code.errors or "code" in request.form,
    )
    return _fresh(page, status)


def _nothing_to_pay(buyer: Actor | None, status: int) -> ResponseReturnValue:
    """An empty cart: never filled, or ordered a moment ago and come back to."""
    placed = last_orders(buyer) if buyer else []
    page = render_template("orders/checkout_empty.html", placed=placed)
    return _fresh(page, status)


def _fresh(page: str, status: int) -> Response:
    """Going back after paying must ask the server, not show the old form.

    The answer to a form is left as it is: a browser that may not keep it can only
    ask to send the form again. Its request id makes a second submit harmless.
    """
    response = make_response(page, status)
    if request.method == "GET":
        response.headers["Cache-Control"] = "no-store"
    return response


def _method_notes() -> dict[str, str]:
    """Beside each way to pay, until when the boxes are kept; by its value."""
    return {
        method.value: _(note, time=HELD_FOR[method] // _unit(method))
        for method, note in METHOD_NOTES.items()
    }


def _unit(method: PaymentMethod) -> timedelta:
    is_online = method is PaymentMethod.STRIPE
    return timedelta(minutes=1) if is_online else timedelta(hours=1)
