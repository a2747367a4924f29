"""`flask demo stream`: the demo's running session shows a picture that moves."""

import time
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from sqlalchemy.exc import SQLAlchemyError
from websockets.exceptions import WebSocketException

from commands.demo.stream.film import SECONDS, Film, keep_film, read_film
from commands.demo.stream.publishing import send_round
from core.clock import now
from core.config import Settings
from core.database import forget_reads
from core.room_tokens import STAND_IN, Pass, Purpose, sign
from queries.demo.sessions import RoomOnAir, find_room_on_air

LASTS = timedelta(hours=12)
AGAIN_S, BUSY_AGAIN_S = 3.0, 30.0
ROUNDS = 240
"""Whoever reads an MP4 keeps the place of every packet, so ours ends now and then."""

TAKEN = 4405
"""The media server's word for: a host is on."""

log = structlog.get_logger("tianbo.film")


def stream_forever(settings: Settings, seconds: int = SECONDS) -> None:
    """Feed whichever of our rooms is on air; a host who comes is let on at once."""
    film = read_film(keep_film(settings.instance / "demo-film.mp4", seconds))
    while True:
        room = _find_room()
        code = None if room is None else _stream(film, camera_of(settings, room))
        time.sleep(BUSY_AGAIN_S if code == TAKEN else AGAIN_S)


def camera_of(settings: Settings, room: RoomOnAir) -> str:
    """Where a stand-in's picture for a room goes, with its pass."""
    granted = Pass(room.slug, Purpose.PUBLISH, now() + LASTS, STAND_IN, room.stream_key)
    query = urlencode({"token": sign(settings.secret_key, granted)})
    media = (settings.media_internal_url or "").replace("http", "ws", 1)
    return f"{media}/rooms/{room.slug}/camera?{query}"


def _stream(film: Film, address: str) -> int | None:
    try:
        return send_round(film, address, rounds=ROUNDS)
    except (OSError, WebSocketException) as error:
        log.info("film interrupted", why=type(error).__name__)
        return None


def _find_room() -> RoomOnAir | None:
    """The room that is on air; None too while the database is away."""
    try:
        return find_room_on_air()
    except SQLAlchemyError:
        return None
    finally:
        forget_reads()
