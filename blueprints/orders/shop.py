"""A buyer's orders: the page of each, what the buyer may do with it, and lost ones."""

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
from blueprints.forms import attempt
from blueprints.limits import count_attempt
from blueprints.nouns import orders as bp
from blueprints.orders.forms import FindForm, RefundForm, refund_form
from core.access import NOBODY, Actor, get_actor, public, signed_in
from core.clock import now
from core.config import current_settings
from core.database import AnyRow, transaction
from core.errors import N_, NotFound
from core.i18n import gettext as _
from core.pages.paging import page_number
from core.pages.pictures import qr_svg
from core.web.error_pages import wants_json
from domain.orders.numbers import parse_order_number
from domain.orders.states import (
    OrderState,
    PaymentMethod,
    RefundBearer,
    RefundState,
)
from domain.texts import MOST_A_DAY, TextKind
from queries.orders.details import get_order_id, order_view
from queries.orders.gains import village_gains
from queries.orders.lists import own_orders
from queries.orders.recent import sibling_orders
from queries.orders.views import OrderView
from queries.outbox import was_withheld
from services.orders.buyers import keep_visits
from services.orders.cancelling import cancel_own
from services.orders.fulfilling import confirm_receipt as note_receipt
from services.orders.links import exchange_token, send_link_again
from services.orders.refunding import request_refund as ask_for_refund
from services.rates import LINK_PER_ADDRESS, LINK_PER_PHONE

STAGES = (OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED, OrderState.DELIVERED)
"""After placing; cash on delivery is accepted where others are paid."""


for each in (OrderState, PaymentMethod, RefundBearer, RefundState):
    bp.add_app_template_global(each, each.__name__)


@bp.get("/orders/<number>")
@public
def show(number: str) -> ResponseReturnValue:
    """The order's page: where it stands, what to do, what was bought."""
    try:
        if "token" in request.args:
            return _open_by_link(number, request.args["token"])
        order = order_view(_own_id(number))
    except NotFound:
        if wants_json():
            raise
        return lost_page(number, 404)
    return _page(order, refund_form(order))


@bp.post("/orders/<number>/cancel")
@public
def cancel(number: str) -> ResponseReturnValue:
    """Call the order off before it is packed; what was paid goes back."""
    reason = request.form.get("reason", "").strip()[:200] or N_("买家取消")
    with transaction():
        cancel_own(_buyer(), _own_id(number), reason=reason)
    flash(_("订单取消了。付过的钱会原路退回。"), "ok")
    return _back(number)


@bp.post("/orders/<number>/received")
@public
def confirm_receipt(number: str) -> ResponseReturnValue:
    """The buyer says that the parcel arrived."""
    with transaction():
        note_receipt(_buyer(), _own_id(number))
    flash(_("签收了，谢谢您！有坏果就在这页申请退款。"), "ok")
    return _back(number)


@bp.post("/orders/<number>/refunds")
@public
def request_refund(number: str) -> ResponseReturnValue:
    """Ask for money back for some boxes, a part of their price, or freight."""
    order = order_view(_own_id(number))
    form = refund_form(order)
    if not attempt(form, lambda: ask_for_refund(_buyer(), order.id, form.to_draft())):
        return _page(order, form, form.status)
    flash(_("退款申请交上去了，合作社处理后发短信告诉您。"), "ok")
    return redirect(url_for("orders.show", number=order.number, _anchor="refunds"), 303)


@bp.get("/account/orders")
@signed_in
def mine() -> ResponseReturnValue:
    """Every order of the account, newest first."""
    page = own_orders(get_actor(), page_number(request.args.get("page")))
    return render_template("orders/mine.html", orders=page)


def _buyer() -> Actor:
    """Who buys in this request; a browser that has bought nothing owns nothing."""
    return find_buyer() or NOBODY


def _own_id(number: str) -> int:
    """The id of the buyer's order. Raises NotFound for another's and for none."""
    return get_order_id(_buyer(), number)


def _open_by_link(number: str, token: str) -> ResponseReturnValue:
    """Exchange the link's token for the browser's cookie, and forget the token."""
    canonical = parse_order_number(number)
    with transaction():
        visitor_id = start_buyer(as_browser=True).visitor_id or 0
        exchange_token(canonical, token, visitor_id)
        keep_visits([visitor_id])
    stay_known()
    response = redirect(url_for("orders.show", number=canonical), 303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _page(order: OrderView, form: RefundForm, status: int = 200) -> Response:
    siblings = sibling_orders(order.id)
    is_new = order.state is OrderState.PLACED
    page = render_template(
        "orders/show.html",
        order=order,
        form=form,
        times=_times(order),
        stage=_stage(order),
        is_held=order.pay_before is not None and order.pay_before > now(),
        is_untold=is_new and was_withheld(f"sms:placed:{order.id}"),
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


def _back(number: str) -> ResponseReturnValue:
    number = parse_order_number(number)
    return redirect(url_for("orders.show", number=number), 303)


@bp.route("/orders/find", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Number and phone; the answer does not tell whether they belong together."""
    form = FindForm(data={"number": request.args.get("number", "")[:40]})
    if not form.validate_on_submit():
        return render_template("orders/find.html", form=form, lost=""), form.status
    count_attempt(LINK_PER_ADDRESS, (LINK_PER_PHONE, form.phone.data))
    with transaction():
        send_link_again(form.number.data, form.phone.data)
    most = MOST_A_DAY[TextKind.UNPAID]
    sent = _(
        "订单号和手机号对得上的话，链接马上发到手机上。"
        "一个号码一天最多发 %(most)s 条。",
        most=most,
    )
    flash(sent, "info")
    return redirect(url_for("orders.find"), 303)


def lost_page(number: str, status: int) -> ResponseReturnValue:
    """What is shown in place of an order that this browser may not open."""
    form = FindForm(data={"number": number[:40]})
    return render_template("orders/find.html", form=form, lost=number[:40]), status
