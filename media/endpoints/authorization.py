"""Who may come in: tokens, and the answer for those who may not."""

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from core.config import Settings
from core.room_tokens import ExpiredToken, Pass, Purpose, check

NOT_GUESSED = {"X-Content-Type-Options": "nosniff"}
"""What an answer holds is what it says, on every answer."""

OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*"}
"""Any page may read: a token in the address is the key, no cookie is."""

NEVER_KEPT = {**OPEN_TO_ALL, "Cache-Control": "no-store"}


def pass_of(connection: HTTPConnection, *purposes: Purpose) -> Pass:
    """The pass that came with a request for its room. Raises BadToken."""
    settings: Settings = connection.app.state.settings
    room = connection.path_params["room"]
    token = connection.query_params.get("token") or _bearer(connection.headers)
    return check(settings.secret_key, token, room, *purposes)


def forbid(_request: HTTPConnection, error: Exception) -> Response:
    """The answer to BadToken; players ask for a new ticket when it has expired."""
    reason = "expired" if isinstance(error, ExpiredToken) else "forged"
    return JSONResponse({"error": reason}, 403, headers=NEVER_KEPT)


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
