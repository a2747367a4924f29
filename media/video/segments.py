"""The last seconds of a stream, in memory, and readers who wait for more."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from media.video.mp4 import Part, Take

SEGMENT_S = 2.0
LONGEST_S = 12.0
KEPT_S = 20.0
FEWEST_SEGMENTS = 4
TOLERANCE_S = 0.05


@dataclass
class Segment:
    """Parts that follow each other; `number` only ever grows.

    Players begin at independent ones only. is_discontinuity: they must
    start their decoders anew here.
    """

    number: int
    take: Take
    is_discontinuity: bool
    parts: list[Part] = field(default_factory=list)
    is_complete: bool = False

    @property
    def is_independent(self) -> bool:
        """Whether players may begin here; not where no keyframe came for long."""
        return self.parts[0].independent

    @property
    def duration_s(self) -> float:
        return sum(part.duration_s for part in self.parts)

    @property
    def data(self) -> bytes:
        return b"".join(part.data for part in self.parts)

    @property
    def starts_at(self) -> float:
        """When its first picture was taken, in seconds since 1970."""
        return self.take.began_at + self.parts[0].start_s


class SegmentWindow:
    """Segments of one rendition. Used from the event loop only.

    first_number: where segment numbers begin. take: what parts arrive of now.
    discontinuities_gone: counted from 0, for hls.js keeps an array as long as that.
    """

    def __init__(self, first_number: int) -> None:
        self.segments: deque[Segment] = deque()
        self.take: Take | None = None
        self.discontinuities_gone = 0
        self._next_number = first_number
        self._changed = asyncio.Event()

    def add(self, take: Take, part: Part) -> None:
        """Append a part of a take, opening a new segment where one is due."""
        if take is not self.take:
            self._complete()
            self.take = take
        current = self._open_segment()
        if current is None or _is_due(current, part):
            self._complete()
            if current is None and not part.independent:
                return
            current = self._open(take)
        current.parts.append(part)
        self._notify()

    def end(self) -> None:
        """The take is over; what is here stays until a new one pushes it out."""
        self._complete()
        self.take = None
        self._notify()

    def clear(self) -> None:
        """Forget everything: nobody may watch any more."""
        self.end()
        while self.segments:
            self._forget_first()

    @property
    def is_running(self) -> bool:
        return self.take is not None

    @property
    def next_place(self) -> tuple[int, int]:
        """Segment and index of the part that will come next."""
        current = self._open_segment()
        if current is None:
            return self._next_number, 0
        return current.number, len(current.parts)

    @property
    def hint(self) -> tuple[str, int, int] | None:
        """Take, segment and index where the next part will most likely be."""
        if self.take is None:
            return None
        current = self._open_segment()
        if current and current.duration_s >= self._usual_s - TOLERANCE_S:
            return self.take.name, self._next_number, 0
        return self.take.name, *self.next_place

    @property
    def _usual_s(self) -> float:
        """How long the open segment will most likely be: as the one before it was."""
        if len(self.segments) < 2 or self.segments[-2].take is not self.take:
            return SEGMENT_S
        return self.segments[-2].duration_s

    def find(self, number: int) -> Segment | None:
        """The segment of that number, if it is still here."""
        return next((one for one in self.segments if one.number == number), None)

    def take_named(self, name: str) -> Take | None:
        """A take of which something is still here."""
        if self.take is not None and self.take.name == name:
            return self.take
        return next((s.take for s in self.segments if s.take.name == name), None)

    def has(self, number: int, part: int | None) -> bool:
        """Whether a part, or the whole segment for None, is there or gone by.

        A part beyond the end of a whole segment means the first of the next one.
        """
        next_number, next_part = self.next_place
        if part is None:
            return number < next_number
        segment = self.find(number)
        if segment and segment.is_complete and part >= len(segment.parts):
            number, part = number + 1, 0
        return (number, part) < (next_number, next_part)

    async def wait_for(self, number: int, part: int | None, patience_s: float) -> bool:
        """Wait until `has` or until nothing more will come; returns `has`."""
        try:
            async with asyncio.timeout(patience_s):
                while self.is_running and not self.has(number, part):
                    await self._changed.wait()
        except TimeoutError:
            pass
        return self.has(number, part)

    def _open_segment(self) -> Segment | None:
        last = self.segments[-1] if self.segments else None
        return None if last is None or last.is_complete else last

    def _open(self, take: Take) -> Segment:
        is_new = bool(self.segments) and self.segments[-1].take is not take
        segment = Segment(self._next_number, take, is_new)
        self._next_number += 1
        self.segments.append(segment)
        self._forget_old()
        return segment

    def _complete(self) -> None:
        current = self._open_segment()
        if current is not None:
            current.is_complete = True

    def _forget_old(self) -> None:
        """Keep enough to begin and to fall behind a little, however long they are."""
        kept_s = sum(segment.duration_s for segment in self.segments)
        while len(self.segments) > FEWEST_SEGMENTS and kept_s > KEPT_S:
            kept_s -= self.segments[0].duration_s
            self._forget_first()

    def _forget_first(self) -> None:
        self.segments.popleft()
        if self.segments and self.segments[0].is_discontinuity:
            self.discontinuities_gone += 1
            self.segments[0].is_discontinuity = False

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _is_due(segment: Segment, part: Part) -> bool:
    """Whether `part` begins a new segment.

    Without a keyframe for `LONGEST_S` segments are cut where they are: an open one
    can neither be fetched whole nor forgotten. The next keyframe then begins one,
    however short the last is.
    """
    if part.independent and not segment.is_independent:
        return True
    waits = segment.is_independent and not part.independent
    return segment.duration_s >= (LONGEST_S if waits else SEGMENT_S) - TOLERANCE_S
