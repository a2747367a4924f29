"""Packets in, a fragmented MP4 out, cut into parts in memory."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias, cast

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from media.stage.boxes import BoxWriter, fragments
from media.stage.parts import Part

AnyPacket: TypeAlias = "Packet[Any]"
LEAD = 1
FLAGS = "empty_moov+default_base_moof+frag_keyframe+skip_trailer"


class Muxer:
    """Writes one take; the first stream that is added leads: parts are timed by it."""

    def __init__(
        self,
        part_s: float,
        on_init: Callable[[bytes], None],
        on_part: Callable[[Part], None],
    ) -> None:
        self._on_init, self._on_part = on_init, on_part
        self._header = bytearray()
        self._opened = False
        self._moof = b""
        self._streams: list[Stream] = []
        options = {
            "movflags": FLAGS,
            "frag_duration": str(int(part_s * 1_000_000)),
            "flush_packets": "1",
        }
        file = cast("Any", BoxWriter(self._take_box))
        self.container: OutputContainer = av.open(file, "w", "mp4", options=options)

    def add(self, stream: Stream) -> None:
        """Note a stream of `container`, in the order they were made."""
        self._streams.append(stream)

    def mux(self, packet: AnyPacket, stream: Stream) -> None:
        """Write a packet into a stream of this container."""
        packet.stream = stream
        self.container.mux(packet)

    def close(self) -> None:
        """Hand on what is left."""
        self.container.close()

    def _take_box(self, kind: bytes, box: bytes) -> None:
        if not self._opened:
            self._header += box
            if kind == b"moov":
                self._opened = True
                self._on_init(bytes(self._header))
        elif kind == b"moof":
            self._moof = box
        elif kind == b"mdat":
            self._on_part(self._part(box))

    def _part(self, mdat: bytes) -> Part:
        found = fragments(self._moof)
        track = LEAD if LEAD in found else min(found)
        fragment = found[track]
        unit = self._streams[track - 1].time_base or Fraction(1, 1000)
        return Part(
            data=self._moof + mdat,
            start_s=float(fragment.start * unit),
            duration_s=float(fragment.duration * unit),
            independent=fragment.independent and track == LEAD,
        )
