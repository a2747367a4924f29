"""Send the film round and round, as a browser's recorder sends a host's camera."""

import time
from collections.abc import Iterator
from typing import Any, cast

import av
from av.container import OutputContainer
from av.stream import Stream
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from commands.demo.stream.film import Film, Sample

FLAGS = "empty_moov+default_base_moof+frag_keyframe"
FRAGMENT_US = "200000"


class Slices:
    """The file that FFmpeg writes to; what it wrote goes out at once."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def write(self, data: bytes) -> int:
        """Send what was written."""
        self._socket.send(bytes(data))
        return len(data)


def send_round(film: Film, address: str, *, rounds: int | None = None) -> int | None:
    """Send the film in real time until the server hangs up; returns why, as its code.

    Its clock is right: it begins at the second that it is. rounds: how often at most;
    None then.
    """
    with connect(address, proxy=None, open_timeout=5) as socket:
        try:
            _send(film, socket, rounds)
        except ConnectionClosed:
            return socket.close_code
    return None


def _send(film: Film, socket: ClientConnection, rounds: int | None) -> None:
    options = {"movflags": FLAGS, "frag_duration": FRAGMENT_US, "flush_packets": "1"}
    with av.open(cast("Any", Slices(socket)), "w", "mp4", options=options) as out:
        places = {each: out.add_stream_from_template(each) for each in film.streams}
        first_s = int(time.time()) % film.seconds
        began = time.monotonic() - first_s
        for lap, sample in _endless(film, rounds, first_s):
            due = began + lap * film.seconds + float(sample.at)
            time.sleep(max(0.0, due - time.monotonic()))
            _mux(out, places[sample.stream], sample, lap * film.seconds - first_s)


def _endless(
    film: Film, rounds: int | None, first_s: int
) -> Iterator[tuple[int, Sample]]:
    """The film's samples with the number of their lap, from `first_s` on."""
    lap = 0
    while rounds is None or lap < rounds:
        for sample in film.samples:
            if lap or sample.at >= first_s:
                yield lap, sample
        lap += 1


def _mux(out: OutputContainer, place: Stream, sample: Sample, shift_s: int) -> None:
    packet = av.Packet(sample.data)
    packet.time_base = sample.unit
    ticks = sample.ticks + round(shift_s / packet.time_base)
    packet.pts = packet.dts = ticks
    packet.duration = sample.lasts
    packet.is_keyframe = sample.is_key
    packet.stream = place
    out.mux(packet)
