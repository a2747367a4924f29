"""A buyer's orders: the page of each, and what the buyer may do with it."""

from collections.abc import Mapping
from datetime import datetime

from flask import (
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.buyers import find_buyer, start_buyer, stay_known
from blueprints.nouns import orders as bp
from blueprints.orders.finding import lost_page
from blueprints.orders.forms import RefundForm, refund_form
from core.access import get_actor, public, signed_in
from core.clock import now
from core.config import current_settings
from core.database import AnyRow, transaction
from core.errors import N_, DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.pages.paging import page_number
from core.pages.pictures import qr_svg
from core.web.error_pages import wants_json
from domain.orders.buyers import Buyer
from domain.orders.numbers import parse_order_number
from domain.orders.states import OrderState, PaymentMethod
from queries.orders.access import find_own_order
from queries.orders.details import order_view
from queries.orders.gains import village_gains
from queries.orders.lists import own_orders
from queries.orders.recent import sibling_orders
from queries.orders.views.orders import OrderView
from services.orders.buyers import keep_visit
from services.orders.cancelling import cancel as cancel_order
from services.orders.fulfilling import confirm_receipt as note_receipt
from services.orders.links import exchange_token
from services.orders.refunding import request_refund as ask_for_refund

STAGES = (OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED, OrderState.DELIVERED)
"""After placing; cash on delivery is accepted where others are paid."""


@bp.get("/orders/<number>")
@public
def show(number: str) -> ResponseReturnValue:
    """The order's page: where it stands, what to do, what was bought."""
    try:
        if "token" in request.args:
            return _open_by_link(number, request.args["token"])
        order = _own(number)
    except NotFound:
        if wants_json():
            raise
        return lost_page(number, 404)
    return _page(order, refund_form(order))


@bp.post("/orders/<number>/cancel")
@public
def cancel(number: str) -> ResponseReturnValue:
    """Call the order off before it is packed; what was paid goes back."""
    order = _own(number)
    reason = request.form.get("reason", "").strip()[:200] or N_("买家取消")
    with transaction():
        cancel_order(order.id, _account(), reason=reason, by_buyer=True)
    flash(_("订单取消了。付过的钱会原路退回。"), "ok")
    return _back(order)


@bp.post("/orders/<number>/received")
@public
def confirm_receipt(number: str) -> ResponseReturnValue:
    """The buyer says that the parcel arrived."""
    order = _own(number)
    with transaction():
        note_receipt(order.id, _account())
    flash(_("签收了，谢谢您！有坏果就在这页申请退款。"), "ok")
    return _back(order)


@bp.post("/orders/<number>/refunds")
@public
def request_refund(number: str) -> ResponseReturnValue:
    """Ask for money back for some boxes, a part of their price, or freight."""
    order = _own(number)
    form = refund_form(order)
    if not form.validate_on_submit():
        return _page(order, form, form.status)
    try:
        with transaction():
            ask_for_refund(order.id, form.to_draft(), _account())
    except DomainError as error:
        form.form_errors.append(say(error))
        return _page(order, form, error.status)
    flash(_("退款申请交上去了，合作社处理后发短信告诉您。"), "ok")
    return redirect(url_for("orders.show", number=order.number, _anchor="refunds"), 303)


@bp.get("/account/orders")
@signed_in
def mine() -> ResponseReturnValue:
    """Every order of the account, newest first."""
    buyer = Buyer(account_id=get_actor().account_id)
    page = own_orders(buyer, page_number(request.args.get("page")))
    return render_template("orders/mine.html", orders=page)


def _own(number: str) -> OrderView:
    """The buyer's order. Raises NotFound for another's and for none."""
    buyer = find_buyer()
    order_id = find_own_order(number, buyer) if buyer else None
    if order_id is None:
        raise NotFound()
    return order_view(order_id)


def _open_by_link(number: str, token: str) -> ResponseReturnValue:
    """Exchange the link's token for the browser's cookie, and forget the token."""
    canonical = parse_order_number(number)
    with transaction():
        visitor_id = start_buyer(as_browser=True).visitor_id or 0
        exchange_token(canonical, token, visitor_id)
        keep_visit(visitor_id)
    stay_known()
    response = redirect(url_for("orders.show", number=canonical), 303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _page(order: OrderView, form: RefundForm, status: int = 200) -> Response:
    siblings = sibling_orders(order.id)
    page = render_template(
        "orders/show.html",
        order=order,
        form=form,
        times=_times(order),
        stage=_stage(order),
        is_held=order.pay_before is not None and order.pay_before > now(),
        siblings=siblings,
        unpaid=[row for row in siblings if _waits_for_money(row)],
        gains=village_gains(order),
        codes=_batch_codes(order),
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _times(order: OrderView) -> Mapping[str, datetime]:
    """When the order first reached each state."""
    return {step.to_state: step.at for step in reversed(order.history)}


def _waits_for_money(row: AnyRow) -> bool:
    """Whether a sibling order is to be paid before anything is sent."""
    is_cash = row.method == PaymentMethod.CASH_ON_DELIVERY
    return row.state == OrderState.PLACED and not is_cash


def _stage(order: OrderView) -> int:
    """How many of the five stages are behind it; -1 when it ended early."""
    state = order.state
    if state in (OrderState.EXPIRED, OrderState.CANCELLED):
        return -1
    if state is OrderState.ACCEPTED:
        state = OrderState.PAID
    if state is OrderState.COMPLETED:
        state = OrderState.DELIVERED
    return STAGES.index(state) + 2 if state in STAGES else 1


def _batch_codes(order: OrderView) -> list[tuple[str, str, Markup]]:
    """Each harvest batch once: its code, its page, and the page's QR code."""
    codes = dict.fromkeys(line.batch_code for line in order.lines if line.batch_code)
    found = []
    for code in codes:
        path = url_for("catalogue.trace", code=code)
        found.append((code, path, qr_svg(current_settings().public_url + path)))
    return found


def _account() -> int | None:
    buyer = find_buyer()
    return buyer.account_id if buyer else None


def _back(order: OrderView) -> ResponseReturnValue:
    return redirect(url_for("orders.show", number=order.number), 303)
