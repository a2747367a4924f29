"""Stripe's HTTP API: authentication, idempotency, faults, then the operation."""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.account import Account, Call, new_id
from sandbox.description import VERSION, StripeObject, request_schema
from sandbox.errors import StripeError, not_implemented
from sandbox.expansion import expand
from sandbox.faults import Fault, failure, strike
from sandbox.idempotency import Answer
from sandbox.operations import OPERATIONS, Operation
from sandbox.params import check, decode_form
from sandbox.resources.events import Cause, current_cause
from sandbox.timekeeper import run_due
from sandbox.world import World

_TEST_KEY = re.compile(r"[sr]k_test_[A-Za-z0-9_-]+")
_NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the "
    "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
    "YOUR_SECRET_KEY')."
)


@dataclass
class Incoming:
    """One HTTP request on its way through the API.

    params: decoded, still strings; fault: what it is to meet.
    """

    world: World
    operation: Operation
    account: Account
    target: str
    params: dict[str, Any]
    request_id: str
    idempotency_key: str | None
    fault: Fault | None


def create_api(world: World) -> Blueprint:
    """The blueprint that serves every one of OPERATIONS from `world`."""
    api = Blueprint("api", __name__)
    for operation in OPERATIONS:
        rule = re.sub(r"\{\w+\}", "<target>", operation.path)
        name = f"{operation.method} {operation.path}".replace(".", "_")
        api.add_url_rule(
            rule, name, _view(world, operation), methods=[operation.method.upper()]
        )
    api.add_url_rule(
        "/v1/<path:_>", "unknown", _unknown, methods=["GET", "POST", "DELETE"]
    )
    return api


def _view(world: World, operation: Operation) -> Callable[..., Response]:
    def view(target: str = "") -> Response:
        request_id = new_id("req")
        fault = world.faults.take(request.method, request.path)
        try:
            incoming = _receive(world, operation, target, request_id, fault)
            answer, replayed = _answer(incoming)
        except StripeError as error:
            answer = Answer(error.status, error.body(), request_id)
            replayed = False
        _remember(world, answer, request_id, fault, replayed)
        response = _respond(answer, request_id, replayed)
        if fault is not None and fault.kind == "trickle":
            body = response.get_data()
            response.response = world.faults.trickle(body, fault.seconds)
        return response

    return view


def _unknown(_: str) -> Response:
    message = (
        f"Unrecognized request URL ({request.method}: {request.path}). The local "
        "sandbox speaks only a part of Stripe's API."
    )
    error = StripeError(404, message)
    return _respond(Answer(404, error.body(), ""), new_id("req"), replayed=False)


def _receive(
    world: World,
    operation: Operation,
    target: str,
    request_id: str,
    fault: Fault | None,
) -> Incoming:
    account = _authenticate(world)
    strike(fault, "before", _connection())
    is_post = operation.method == "post"
    pairs = (request.form if is_post else request.args).items(multi=True)
    return Incoming(
        world=world,
        operation=operation,
        account=account,
        target=target,
        params=decode_form(pairs),
        request_id=request_id,
        idempotency_key=request.headers.get("Idempotency-Key") if is_post else None,
        fault=fault,
    )


def _authenticate(world: World) -> Account:
    """The account of the request's key; every well-formed test key has one.

    Raises StripeError 401 without a test key, 403 for another `Stripe-Account`.
    """
    authorization = request.authorization
    if authorization is None:
        raise StripeError(401, _NO_KEY)
    key = authorization.token or authorization.username or ""
    if not _TEST_KEY.fullmatch(key):
        shown = f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 12 else "*" * len(key)
        raise StripeError(401, f"Invalid API Key provided: {shown}")
    with world.lock:
        account = world.account(key)
    wanted = request.headers.get("Stripe-Account", account.id)
    if wanted != account.id:
        message = (
            f"The provided key does not have access to account '{wanted}' (or that "
            "account does not exist). Application access may have been revoked."
        )
        raise StripeError(403, message, code="account_invalid")
    return account


def _answer(incoming: Incoming) -> tuple[Answer, bool]:
    """The answer, and whether it is a replay of an earlier one."""
    key = incoming.idempotency_key
    if key is None:
        return _work_and_strike(incoming), False
    keys = incoming.account.idempotency
    with incoming.world.lock:
        saved = keys.begin(
            key,
            path=request.path,
            params=incoming.params,
            now=incoming.account.now(),
        )
    if saved is not None:
        return saved, True
    try:
        answer = _work_and_strike(incoming)
    except BaseException:
        with incoming.world.lock:
            keys.release(key)
        raise
    return answer, False


def _work_and_strike(incoming: Incoming) -> Answer:
    """Do the work, keep the answer for the key, then meet a fault set for after."""
    fault = incoming.fault
    faults = incoming.world.faults
    faults.hang(fault, "before")
    answer = _work(incoming)
    faults.hang(fault, "after")
    if fault is not None and fault.saved and fault.when == "after":
        answer = replace(answer, status=500, body=failure(fault).body())
    _keep(incoming, answer)
    strike(fault, "after", _connection())
    return answer


def _keep(incoming: Incoming, answer: Answer) -> None:
    if incoming.idempotency_key is not None:
        with incoming.world.lock:
            incoming.account.idempotency.keep(incoming.idempotency_key, answer)
            incoming.world.touch()


def _work(incoming: Incoming) -> Answer:
    """Check and perform; refusals that Stripe saves under the key become answers."""
    with incoming.world.lock:
        run_due(incoming.world)
        current_cause.set(Cause(incoming.request_id, incoming.idempotency_key))
        try:
            body = _perform(incoming)
        except StripeError as error:
            if not error.saved:
                raise
            return Answer(error.status, error.body(), incoming.request_id)
        finally:
            current_cause.set(None)
    return Answer(200, body, incoming.request_id)


def _perform(incoming: Incoming) -> StripeObject:
    operation = incoming.operation
    schema = request_schema(operation.method, operation.path)
    params = check(incoming.params, schema)
    paths = params.pop("expand", [])
    for name in params:
        if name not in operation.takes:
            raise not_implemented(name)
    call = Call(incoming.account, params, incoming.target, request.path)
    return expand(incoming.account, operation.perform(call), paths)


def _connection() -> socket.socket | None:
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    return connection


def _remember(
    world: World,
    answer: Answer,
    request_id: str,
    fault: Fault | None,
    replayed: bool,
) -> None:
    pairs = (request.form if request.method == "POST" else request.args).items(True)
    world.requests.append(
        {
            "at": world.clock.now(),
            "fault": None if fault is None else f"{fault.kind} {fault.when}",
            "idempotency_key": request.headers.get("Idempotency-Key"),
            "method": request.method,
            "params": dict(pairs),
            "path": request.path,
            "replayed": replayed,
            "request_id": request_id,
            "status": answer.status,
        }
    )


def _respond(answer: Answer, request_id: str, replayed: bool) -> Response:
    response = jsonify(answer.body)
    response.status_code = answer.status
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = VERSION
    if "Idempotency-Key" in request.headers:
        response.headers["Idempotency-Key"] = request.headers["Idempotency-Key"]
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = answer.request_id
    return response
