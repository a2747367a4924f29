"""Who may come in: tokens, pages of our own, and the answer for those who may not."""

from collections.abc import Mapping
from urllib.parse import urlsplit

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


def is_from_house(connection: HTTPConnection) -> bool:
    """Whether no page of another site asks: a browser says whose page it is.

    Our pages stand under the names the shop answers to, on any port, and on HTTPS
    where the shop does. Who is no browser names no origin.
    """
    origin = connection.headers.get("origin")
    return origin is None or _is_ours(connection.app.state.settings, origin.lower())


def _is_ours(settings: Settings, origin: str) -> bool:
    try:
        scheme, host = urlsplit(origin).scheme, urlsplit(origin).hostname
    except ValueError:
        return False
    schemes = ("https",) if settings.secure_cookies else ("https", "http")
    return scheme in schemes and any(
        host == name.strip("[]") or (name[0] == "." and f".{host}".endswith(name))
        for name in settings.trusted_hosts
    )


def forbid(_request: HTTPConnection, error: Exception) -> Response:
    """The answer to BadToken; players ask for a new ticket when it has expired."""
    reason = "expired" if isinstance(error, ExpiredToken) else "forged"
    return JSONResponse({"error": reason}, 403, headers=NEVER_KEPT)


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
