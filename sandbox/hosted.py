"""The pages where a buyer pays: plain HTML, both languages, marked as a test."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from sandbox.account import Account
from sandbox.bill import METHOD_NAMES, Bill, bill_of_intent, bill_of_session
from sandbox.description import StripeObject
from sandbox.resources import checkout, payment_intents
from sandbox.timekeeper import run_due
from sandbox.world import World


def create_hosted_pages(world: World) -> Blueprint:
    """`/c/pay/<session>` and `/c/authorize/<payment intent>`."""
    pages = Blueprint("hosted", __name__, url_prefix="/c")

    @pages.get("/pay/<session_id>")
    def show_session(session_id: str) -> Response:
        with world.lock:
            account, session = _find(world, "checkout.session", session_id)
            return _page(bill_of_session(account, session))

    @pages.post("/pay/<session_id>")
    def answer_session(session_id: str) -> BaseResponse:
        with world.lock:
            account, session = _find(world, "checkout.session", session_id)
            return _answer_session(account, session)

    @pages.get("/authorize/<intent_id>")
    def show_intent(intent_id: str) -> Response:
        with world.lock:
            account, intent = _find_authorizable(world, intent_id)
            return _page(bill_of_intent(account, intent))

    @pages.post("/authorize/<intent_id>")
    def answer_intent(intent_id: str) -> BaseResponse:
        with world.lock:
            account, intent = _find_authorizable(world, intent_id)
            return _answer_intent(account, intent)

    pages.register_error_handler(NotFound, _not_found)
    return pages


def _answer_session(account: Account, session: StripeObject) -> BaseResponse:
    """Pay or decline once; a second click lands where the first one did."""
    method = request.form.get("method", "")
    here = f"/c/pay/{session['id']}"
    if session["status"] == "complete":
        return redirect(checkout.return_url(session), 303)
    if session["status"] == "expired" or method not in session["payment_method_types"]:
        return redirect(here, 303)
    if request.form.get("outcome") == "decline":
        checkout.decline_session(account, session, method)
        return redirect(f"{here}?declined=1", 303)
    checkout.pay_session(account, session, method)
    return redirect(checkout.return_url(session), 303)


def _answer_intent(account: Account, intent: StripeObject) -> BaseResponse:
    hidden = account.hidden[intent["id"]]
    if intent["status"] == "requires_action":
        if request.form.get("outcome") == "decline":
            reason = "generic_decline"
            payment_intents.decline(account, intent, hidden["method"], reason)
        else:
            payment_intents.pay(account, intent, hidden["method"])
    done = "succeeded" if intent["status"] == "succeeded" else "failed"
    result = urlencode({"payment_intent": intent["id"], "redirect_status": done})
    joint = "&" if "?" in hidden["return_url"] else "?"
    return redirect(f"{hidden['return_url']}{joint}{result}", 303)


def _find(world: World, kind: str, object_id: str) -> tuple[Account, StripeObject]:
    run_due(world)
    found = world.find(kind, object_id)
    if found is None:
        raise NotFound
    return found


def _find_authorizable(world: World, intent_id: str) -> tuple[Account, StripeObject]:
    account, intent = _find(world, "payment_intent", intent_id)
    if "return_url" not in account.hidden.get(intent_id, {}):
        raise NotFound
    return account, intent


def _page(bill: Bill) -> Response:
    declined = bill.state == "open" and "declined" in request.args
    response = make_response(
        render_template(
            "pay.html", bill=bill, declined=declined, method_names=METHOD_NAMES
        )
    )
    return _secured(response, bill.done_url)


def _not_found(_: Any) -> Response:
    response = make_response(render_template("missing.html"), 404)
    return _secured(response, None)


def _secured(response: Response, done_url: str | None) -> Response:
    # Chromium holds the redirect after a form to form-action as well, so the
    # merchant's origin has to be allowed beside our own.
    targets = "'self'" if done_url is None else f"'self' {_origin(done_url)}"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; script-src 'none'; "
        f"form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
