"""A window as a Low-Latency HLS playlist (RFC 8216, second edition).

Parts are listed for the last segments only; older ones are fetched whole.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil

from media.video.packager import PART_S, Rendition
from media.video.segments import SEGMENT_S, Segment, SegmentWindow

SEGMENTS_WITH_PARTS = 3
PARTS_BEHIND = 3


def playlist(window: SegmentWindow, rendition: Rendition, query: str = "") -> str:
    """The playlist of what `window` holds now.

    query: appended to every address, for readers whose token stands in it.
    """
    return "\n".join(_lines(window, rendition, query)) + "\n"


def _lines(window: SegmentWindow, rendition: Rendition, query: str) -> Iterator[str]:
    yield from _head(window, PART_S[rendition])
    take = None
    with_parts = len(window.segments) - SEGMENTS_WITH_PARTS
    for index, segment in enumerate(window.segments):
        if segment.is_discontinuity:
            yield "#EXT-X-DISCONTINUITY"
        if segment.take is not take:
            take = segment.take
            yield f'#EXT-X-MAP:URI="{rendition}/{take.name}/init.mp4{query}"'
        yield f"#EXT-X-PROGRAM-DATE-TIME:{_moment(segment.starts_at)}"
        if index >= with_parts:
            yield from _parts(segment, rendition, query)
        if segment.is_complete:
            yield f"#EXTINF:{segment.duration_s:.5f},"
            yield f"{rendition}/{segment.take.name}/{segment.number}.m4s{query}"
    if window.hint is not None:
        name, number, part = window.hint
        address = f"{rendition}/{name}/{number}.{part}.m4s{query}"
        yield f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{address}"'


def _head(window: SegmentWindow, part_s: float) -> Iterator[str]:
    segments = [one.duration_s for one in window.segments if one.is_complete]
    target = max(1, ceil(max([SEGMENT_S, *segments]) - 0.5))
    listed = list(window.segments)[-SEGMENTS_WITH_PARTS:]
    parts = [part.duration_s for segment in listed for part in segment.parts]
    part = max([part_s, *parts])
    first = window.segments[0].number if window.segments else window.next_place[0]
    yield "#EXTM3U"
    yield "#EXT-X-VERSION:9"
    yield f"#EXT-X-TARGETDURATION:{target}"
    yield (
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,"
        f"PART-HOLD-BACK={part * PARTS_BEHIND:.3f},HOLD-BACK={target * 3:.1f}"
    )
    yield f"#EXT-X-PART-INF:PART-TARGET={part:.5f}"
    yield f"#EXT-X-MEDIA-SEQUENCE:{first}"
    yield f"#EXT-X-DISCONTINUITY-SEQUENCE:{window.discontinuities_gone}"


def _parts(segment: Segment, rendition: Rendition, query: str) -> Iterator[str]:
    for index, part in enumerate(segment.parts):
        independent = ",INDEPENDENT=YES" if part.independent else ""
        address = f"{rendition}/{segment.take.name}/{segment.number}.{index}.m4s{query}"
        yield (
            f'#EXT-X-PART:DURATION={part.duration_s:.5f},URI="{address}"{independent}'
        )


def _moment(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")
