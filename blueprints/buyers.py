"""Who buys in this request: the account, the browser by its cookie, or both."""

from dataclasses import replace

from flask import Flask, Response, g, request
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response as BaseResponse

from core.access import NOBODY, Actor, find_actor
from core.config import current_settings
from models.columns import digest_of
from queries.orders.carts import count_in_browser, count_in_cart
from services.orders.buyers import VISIT_LENGTH, find_visitor_id, start_visit

COOKIE = "visitor"


def init_buyers(app: Flask) -> None:
    """Keep the browser's cookie, and let pages show how much is in the cart."""
    app.after_request(_send_cookie)
    app.context_processor(lambda: {"cart_count": LocalProxy(_cart_count)})


def find_buyer() -> Actor | None:
    """The buyer of this request; None for a browser that has bought nothing yet."""
    if "buyer" not in g:
        actor = find_actor()
        account_id = actor.account_id if actor else None
        visitor_id = find_visitor()
        known = account_id is not None or visitor_id is not None
        grants = actor.grants if actor else ()
        g.buyer = Actor(account_id, visitor_id, grants) if known else None
    found: Actor | None = g.buyer
    return found


def find_visitor() -> int | None:
    """The id of this browser, or None when it has no cookie of ours."""
    token = request.cookies.get(COOKIE)
    return find_visitor_id(token) if token else None


def start_buyer(*, as_browser: bool = False) -> Actor:
    """The buyer of this request, made if need be; inside a transaction.

    as_browser: the browser needs an id of its own although someone is logged in.
    """
    buyer = find_buyer()
    if buyer is not None and (buyer.visitor_id is not None or not as_browser):
        return buyer
    visitor_id, g.visitor_token = start_visit()
    g.buyer = replace(buyer or NOBODY, visitor_id=visitor_id)
    return g.buyer  # type: ignore[no-any-return]


def stay_known() -> None:
    """Let the browser keep its cookie from now on, as its visit was lengthened."""
    if "visitor_token" not in g and COOKIE in request.cookies:
        g.visitor_token = request.cookies[COOKIE]


def forget_browser(response: BaseResponse) -> None:
    """The next person at this browser must not see what the last one bought."""
    response.delete_cookie(COOKIE, samesite="Lax", httponly=True)


def _send_cookie(response: Response) -> Response:
    token = g.pop("visitor_token", None)
    if token and response.status_code < 400:
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(VISIT_LENGTH.total_seconds()),
            samesite="Lax",
            httponly=True,
            secure=current_settings().secure_cookies,
        )
    return response


def _cart_count() -> int:
    """How many boxes are in the cart: asked once, and only when a page shows it."""
    if "cart_count" not in g:
        actor = find_actor()
        token = request.cookies.get(COOKIE)
        if actor is not None:
            g.cart_count = count_in_cart(Actor(actor.account_id))
        else:
            g.cart_count = count_in_browser(digest_of(token)) if token else 0
    boxes: int = g.cart_count
    return boxes
