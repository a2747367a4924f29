"""A replay: where in the recording each product was shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

UNDER_WAY_MS = 10_000
"""A busy phone sends its picture seconds late; what is under way when a session ends
is not recorded."""


@dataclass(frozen=True)
class Take:
    """One stretch that was recorded, by the clock, in milliseconds."""

    started_at_ms: int
    duration_ms: int


@dataclass(frozen=True)
class Shown:
    """That a product was pinned, by the clock; `seq` is its event's number."""

    seq: int
    product_id: int
    at_ms: int


@dataclass(frozen=True)
class Chapter:
    """From `at_ms` of the recording on, a product is shown; `seq`: its pin's number."""

    seq: int
    product_id: int
    at_ms: int

    @property
    def at_s(self) -> int:
        """The place in whole seconds, as addresses name it."""
        return self.at_ms // 1000

    @property
    def clock(self) -> str:
        """The place in words."""
        return clock_of(self.at_ms)


def chapters(takes: Iterable[Take], pins: Iterable[Shown]) -> list[Chapter]:
    """The chapters of a recording whose takes follow one another without a gap.

    Takes and pins come in the order in which they happened: the clock may have been
    set in between. A pin while nothing was recorded lands where the next take begins.
    One after the last take was never seen, unless the picture was under way: then it
    lands at the end. Of several that land on one moment the last is what is seen
    there; a product shown again before another one goes on in its chapter. Positions
    rise strictly, and neighbours are different products.
    """
    seen = [take for take in takes if take.duration_ms > 0]
    found: list[Chapter] = []
    since = 0
    for pin in sorted(pins, key=lambda pin: pin.seq):
        index = _take_of(seen, pin.at_ms, since)
        if index is None:
            continue
        since = index
        earliest = found[-1].at_ms if found else 0
        position = max(earliest, _position(seen, index, pin.at_ms))
        if found and found[-1].at_ms == position:
            found.pop()
        if not found or found[-1].product_id != pin.product_id:
            found.append(Chapter(pin.seq, pin.product_id, position))
    return found


def recording_job(session_id: int) -> str:
    """The key of the job that waits for a session's recording."""
    return f"keep_recording:{session_id}"


def clock_of(at_ms: int) -> str:
    """A place in a recording, or its length, as players write it: 3:12, 1:02:03."""
    minutes, seconds = divmod(at_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{seconds:02d}"
    return f"{minutes}:{seconds:02d}"


def _take_of(takes: Sequence[Take], at_ms: int, since: int) -> int | None:
    """Which take was recorded at a moment of the clock, else which came next.

    since: the take in which something was shown before.
    """
    later = range(since, len(takes))
    ends = [take.started_at_ms + take.duration_ms for take in takes]
    recorded = [i for i in later if takes[i].started_at_ms <= at_ms < ends[i]]
    coming = [i for i in later if at_ms < ends[i]]
    lately = [i for i in later[-1:] if at_ms < ends[i] + UNDER_WAY_MS]
    return next(iter([*recorded, *coming, *lately]), None)


def _position(takes: Sequence[Take], index: int, at_ms: int) -> int:
    """Milliseconds into the recording at a moment of one of its takes."""
    before_ms = sum(take.duration_ms for take in takes[:index])
    shown_ms = at_ms - takes[index].started_at_ms
    return before_ms + min(max(0, shown_ms), takes[index].duration_ms - 1)
