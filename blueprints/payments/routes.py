"""Webhooks, the buyer's return, and the button that pays (again)."""

import re

from flask import flash, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.buyers import find_buyer
from blueprints.limits import count_attempt
from blueprints.nouns import payments as bp
from core.access import NOBODY, public
from core.database import transaction
from core.errors import TooLarge
from core.i18n import say
from core.web.csrf import csrf_exempt
from core.web.error_pages import wants_json
from domain.orders.numbers import parse_order_number
from domain.orders.states import OrderMoved
from integrations.gateway import PaymentDown, PaymentNotSetUp
from integrations.merchants import STRIPE, get_merchant
from queries.orders.details import get_order_id
from queries.payments import find_next_page, find_payment_id
from services.payments.gateway_calls import open_payment, return_from_page
from services.payments.webhooks import take_event
from services.rates import CHECKOUT_PER_ADDRESS

LARGEST_EVENT = 1024 * 1024
SESSION_ID = re.compile(r"cs_[A-Za-z0-9_]{1,100}")


@bp.post("/stripe/<account>/webhook")
@csrf_exempt
@public
def webhook(account: str) -> ResponseReturnValue:
    """Keep a signed event; a worker does what it asks for. Forged ones get 400."""
    if (request.content_length or 0) > LARGEST_EVENT:
        raise TooLarge()
    request.max_content_length = LARGEST_EVENT
    merchant = get_merchant(account)
    event = merchant.gateway.read_event(
        request.get_data(cache=False), request.headers.get("Stripe-Signature", "")
    )
    with transaction():
        take_event(STRIPE, event, cooperative_id=merchant.cooperative_id)
    return "", 204


@bp.get("/return/<number>")
@public
def returned(number: str) -> ResponseReturnValue:
    """The buyer comes back from paying: look at once, then show the order.

    Numbers of no order lead on too: only the order's page says whose it is.
    """
    number = parse_order_number(number)
    count_attempt(CHECKOUT_PER_ADDRESS)
    payment_id = find_payment_id(number)
    if payment_id is None:
        return _to_order(number)
    named = request.args.get("session_id", "")
    session_id = named if SESSION_ID.fullmatch(named) else None
    try:
        return_from_page(payment_id, session_id=session_id)
    except PaymentDown:
        pass  # The order's page says so and waits.
    except PaymentNotSetUp as error:
        flash(say(error), "warn")
    return _to_order(number)


@bp.post("/orders/<number>/pay")
@public
def pay(number: str) -> ResponseReturnValue:
    """Go to the payment page of one's own order, opened now or before."""
    number = parse_order_number(number)
    get_order_id(find_buyer() or NOBODY, number)
    count_attempt(CHECKOUT_PER_ADDRESS)
    return redirect(pay_address(number, find_payment_id(number) or 0), 303)


@bp.get("/orders/<number>/next")
@public
def proceed(number: str) -> ResponseReturnValue:
    """Where a buyer who waited for the provider goes on: to pay, or to the order.

    A page asks in the background and without scripts by refreshing itself.
    """
    number = parse_order_number(number)
    away, page = find_next_page(get_order_id(find_buyer() or NOBODY, number))
    url = page or _order_page(number)
    answer = jsonify(waits=away, url=url) if wants_json() else redirect(url, 303)
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def pay_address(number: str, payment_id: int) -> str:
    """Where the buyer pays, else the order's page: the order is kept whatever the
    provider says, and its page says what to do, or waits."""
    page = _order_page(number)
    try:
        return open_payment(payment_id) or page
    except (OrderMoved, PaymentDown):
        return page
    except PaymentNotSetUp as error:
        flash(say(error), "warn")
        return page


def _to_order(number: str) -> ResponseReturnValue:
    return redirect(_order_page(number), 303)


def _order_page(number: str) -> str:
    return url_for("orders.show", number=number)
