"""`flask demo stream`: the demo's running session shows a picture that moves.

film.mp4 is a loop of a minute whose sun shows the second. It has a keyframe every
second, no frame that waits for a later one, and sound that goes on at its beginning.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import av
import structlog
from av.container import InputContainer
from av.packet import Packet
from sqlalchemy.exc import SQLAlchemyError
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from core.clock import now
from core.config import Settings
from core.database import forget_reads
from core.room_tokens import STAND_IN, Pass, Purpose, sign
from queries.demo.sessions import RoomOnAir, find_room_on_air

FILM = Path(__file__).with_name("film.mp4")
LASTS = timedelta(hours=12)
AGAIN_S, BUSY_AGAIN_S = 1.0, 30.0
ROUNDS = 240
"""Whoever reads an MP4 keeps the place of every packet, so ours ends now and then."""

TAKEN = 4405
"""The media server's word for: a host is on."""

HEAD_START_S = 2
"""Sent at once: FFmpeg looks at so much of a film before the first part comes out."""

UNTRUE_S = 5.0
"""So far from its time the film begins anew: the machine slept, or was put right."""

AS_A_CAMERA = {
    "movflags": "empty_moov+default_base_moof+frag_keyframe",
    "frag_duration": "200000",
    "flush_packets": "1",
}

log = structlog.get_logger("tianbo.film")


class Slices(bytearray):
    """The file that FFmpeg writes to; what it wrote is taken from here and sent.

    Sending from within `write` would let FFmpeg meet a closed connection once more
    when it finishes the file.
    """

    def write(self, data: bytes) -> None:
        """Keep what FFmpeg hands over."""
        self.extend(data)


def stream_forever(settings: Settings) -> None:
    """Feed whichever of our rooms is on air; a host who comes is let on at once."""
    while True:
        room = _find_room()
        code = None if room is None else send_film(FILM, camera_of(settings, room))
        time.sleep(BUSY_AGAIN_S if code == TAKEN else AGAIN_S)


def camera_of(settings: Settings, room: RoomOnAir) -> str:
    """Where a stand-in's picture for a room goes, with its pass."""
    granted = Pass(room.slug, Purpose.PUBLISH, now() + LASTS, STAND_IN, room.stream_key)
    query = urlencode({"token": sign(settings.secret_key, granted)})
    media = (settings.media_internal_url or "").replace("http", "ws", 1)
    return f"{media}/rooms/{room.slug}/camera?{query}"


def send_film(film: Path, address: str, *, rounds: int = ROUNDS) -> int | None:
    """Send the film in real time until the server hangs up; returns why, as its code.

    The film's clock is right: it shows the second that it is. Returns None after
    `rounds`, when its clock would no longer be right, and when the server is away.
    """
    try:
        with connect(address, proxy=None, open_timeout=5) as socket:
            _send(film, socket, rounds)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
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


def _send(path: Path, socket: ClientConnection, rounds: int) -> None:
    slices = Slices()
    with (
        av.open(str(path)) as film,
        av.open(cast("Any", slices), "w", "mp4", options=AS_A_CAMERA) as out,
    ):
        places = [out.add_stream_from_template(each) for each in film.streams]
        began_s = int(time.time()) - HEAD_START_S
        for packet, at_s in _endless(film, began_s, rounds):
            early_s = began_s + at_s - time.time()
            if abs(early_s) > UNTRUE_S:
                return
            time.sleep(max(0.0, early_s))
            packet.stream = places[packet.stream.index]
            out.mux(packet)
            if slices:
                socket.send(bytes(slices))
                slices.clear()


def _endless(
    film: InputContainer, began_s: int, rounds: int
) -> Iterator[tuple["Packet[Any]", float]]:
    """Packets and the seconds since `began_s` when each is due, the first at 0."""
    lap_s = round((film.duration or 0) / av.time_base)
    for lap in range(rounds):
        shift_s = lap * lap_s - began_s % lap_s
        film.seek(0)
        for packet in film.demux():
            if packet.pts is None:  # the end's own
                continue
            ticks = packet.pts + round(shift_s / packet.time_base)
            if ticks >= 0:
                packet.pts = packet.dts = ticks
                yield packet, float(ticks * packet.time_base)
