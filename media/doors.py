"""Who may come in: tokens, and the answers for those who may not."""

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from core.config import Settings
from core.room_tokens import BadToken, ExpiredToken, Pass, Purpose, check

OPEN_TO_ALL = {"Access-Control-Allow-Origin": "*"}
"""Any page may read: a token in the address is the key, no cookie is."""

NEVER_KEPT = {**OPEN_TO_ALL, "Cache-Control": "no-store"}


class Refused(Exception):
    """Not let in; `reason` is `forged` or `expired`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pass_of(connection: HTTPConnection, *purposes: Purpose) -> Pass:
    """The pass that came with a request for its room. Raises Refused."""
    settings: Settings = connection.app.state.settings
    room = connection.path_params["room"]
    token = connection.query_params.get("token") or _bearer(connection.headers)
    try:
        return check(settings.secret_key, token, room, *purposes)
    except ExpiredToken:
        raise Refused("expired") from None
    except BadToken:
        raise Refused("forged") from None


def refuse(_request: HTTPConnection, error: Exception) -> Response:
    """The answer to Refused."""
    reason = error.reason if isinstance(error, Refused) else "forged"
    return JSONResponse({"error": reason}, 403, headers=NEVER_KEPT)


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
