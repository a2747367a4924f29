"""`Controls` over HTTP: JSON under /_control, from this machine only."""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, Forbidden, UnsupportedMediaType

from sandbox.controls import Controls

Handler = Callable[..., Any]


def create_control_api(controls: Controls) -> Blueprint:
    """The blueprint; see README.md for its routes."""
    api = Blueprint("control", __name__, url_prefix="/_control")
    api.before_request(_refuse_strangers)
    api.register_error_handler(LookupError, _not_found)
    api.register_error_handler(ValueError, _bad_value)
    for rule, method, handler in _routes(controls):
        name = f"{method} {rule}"
        api.add_url_rule(rule, name, _json(handler), methods=[method])
    return api


def _routes(controls: Controls) -> list[tuple[str, str, Handler]]:
    return [
        ("/", "GET", controls.status),
        ("/reset", "POST", controls.reset),
        ("/settings", "POST", controls.set),
        ("/faults", "POST", controls.add_fault),
        ("/faults", "DELETE", controls.clear_faults),
        ("/clock/advance", "POST", controls.advance_clock),
        ("/webhooks", "GET", controls.webhook_attempts),
        ("/webhooks", "POST", controls.set_webhooks),
        ("/webhooks/hold", "POST", controls.hold_webhooks),
        ("/webhooks/release", "POST", controls.release_webhooks),
        ("/webhooks/replay", "POST", controls.replay_webhooks),
        ("/endpoints", "POST", controls.add_endpoint),
        ("/merchants", "POST", controls.name_merchant),
        ("/requests", "GET", controls.requests),
        ("/requests", "DELETE", controls.forget_requests),
        ("/payments", "POST", controls.record_payment),
        ("/sessions/<session_id>/pay", "POST", controls.pay_session),
        ("/sessions/<session_id>/decline", "POST", controls.decline_session),
        ("/sessions/<session_id>/expire", "POST", controls.expire_session),
        ("/refunds/<refund_id>/settle", "POST", controls.settle_refund),
        ("/payouts/<payout_id>/settle", "POST", controls.settle_payout),
        ("/balance/release", "POST", controls.release_balance),
    ]


def _json(handler: Handler) -> Callable[..., Response]:
    """Call `handler` with the JSON body's keys as arguments."""

    def view(**target: str) -> Response:
        try:
            result = handler(**target, **_body())
        except TypeError as error:
            raise ValueError(str(error)) from error
        return jsonify({"ok": True} if result is None else {"result": result})

    return view


def _body() -> dict[str, Any]:
    if request.method != "POST":
        return {}
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def _refuse_strangers() -> None:
    """Refuse other machines, and web pages open in the developer's browser.

    A page of another origin can only post to us without asking first when the body
    is not JSON, so JSON is required of every change. A page whose name was made to
    lead here asks under that name; so does a proxy's visitor.
    """
    remote = ipaddress.ip_address(request.remote_addr or "")
    if not remote.is_loopback:
        raise Forbidden("The control API answers this machine only.")
    own = request.host_url.rstrip("/")
    if not _is_local(own) or request.headers.get("Origin", own) != own:
        raise Forbidden("The control API answers no page of another site.")
    if request.method == "POST" and not request.is_json:
        raise UnsupportedMediaType("Send a JSON object, {} when there is nothing.")


def _is_local(address: str) -> bool:
    """Whether its host is a name of this machine that no DNS can give away."""
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _not_found(error: LookupError) -> tuple[Response, int]:
    return jsonify({"error": str(error.args[0])}), 404


def _bad_value(error: ValueError) -> tuple[Response, int]:
    return jsonify({"error": str(error)}), 400
