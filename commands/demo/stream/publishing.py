"""Send the film round and round, as a browser's recorder sends a host's camera."""

import time
from collections.abc import Iterator
from math import ceil
from typing import Any, cast

import av
from av.container import OutputContainer
from av.stream import Stream
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from commands.demo.stream.film import Film, Sample

FLAGS = "empty_moov+default_base_moof+frag_keyframe"
FRAGMENT_US = "200000"
UNTRUE_S = 3.0
"""So far from its time the film begins anew: the machine slept, or was put right."""


class Slices:
    """The file that FFmpeg writes to; what it wrote is taken from here and sent.

    Sending from within `write` would let FFmpeg meet a closed connection once more
    when it finishes the file.
    """

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        """Keep what FFmpeg hands over."""
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


def send_round(film: Film, address: str, *, rounds: int | None = None) -> int | None:
    """Send the film in real time until the server hangs up; returns why, as its code.

    Its clock is right: it begins at the second that it is. rounds: how often at most;
    None then, and when its clock would no longer be right.
    """
    with connect(address, proxy=None, open_timeout=5) as socket:
        try:
            _send(film, socket, rounds)
        except ConnectionClosed:
            return socket.close_code
    return None


def _send(film: Film, socket: ClientConnection, rounds: int | None) -> None:
    options = {"movflags": FLAGS, "frag_duration": FRAGMENT_US, "flush_packets": "1"}
    slices = Slices()
    with av.open(cast("Any", slices), "w", "mp4", options=options) as out:
        places = {each: out.add_stream_from_template(each) for each in film.streams}
        lap_began, first_s = place_in_loop(time.time(), film.seconds)
        for lap, sample in _endless(film, rounds, first_s):
            due = lap_began + lap * film.seconds + float(sample.at)
            early_s = due - time.time()
            if abs(early_s) > UNTRUE_S:
                return
            time.sleep(max(0.0, early_s))
            _mux(out, places[sample.stream], sample, lap * film.seconds - first_s)
            if written := slices.take():
                socket.send(written)


def place_in_loop(now_s: float, seconds: int) -> tuple[int, int]:
    """When the present lap began, and the second of it that begins next."""
    next_s = ceil(now_s)
    return next_s - next_s % seconds, next_s % seconds


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
