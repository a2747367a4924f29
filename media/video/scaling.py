"""Pictures of any shape in one size."""

from fractions import Fraction

from av import VideoFrame
from av.filter import Graph
from av.video.format import VideoFormat

Size = tuple[int, int]

LARGEST_SIDE = 1280
PIXELS = "yuv420p"
BLACK = 16, 128, 128
NEARLY = 0.01


class Letterbox:
    """Brings pictures to one size, with black around those of another shape."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._inside = size
        self._graph = Graph()

    def fit(self, picture: VideoFrame) -> VideoFrame:
        width, height = inside = size_within(
            (picture.width, picture.height), self._size
        )
        scaled = picture.reformat(width=width, height=height, format=PIXELS)
        if inside == self._size:
            return scaled
        if inside != self._inside:
            self._graph, self._inside = _padding(inside, self._size), inside
        self._graph.vpush(scaled)
        return self._graph.vpull()


def black(size: Size) -> VideoFrame:
    picture = VideoFrame(*size, PIXELS)
    for plane, value in zip(picture.planes, BLACK, strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return picture


def encoded_size(width: int, height: int) -> Size:
    """The size to encode: sides even, the longer at most LARGEST_SIDE."""
    longer = max(width, height)
    if longer > LARGEST_SIDE:
        width = width * LARGEST_SIDE // longer
        height = height * LARGEST_SIDE // longer
    return max(2, width - width % 2), max(2, height - height % 2)


def size_within(picture: Size, frame: Size) -> Size:
    """The largest even size of the picture's shape in `frame`; nearly all is all."""
    wide, high = picture[0] * frame[1], picture[1] * frame[0]
    if abs(wide - high) <= NEARLY * max(wide, high):
        return frame
    if wide > high:
        return frame[0], _even(high, picture[0])
    return _even(wide, picture[1]), frame[1]


def _even(dividend: int, divisor: int) -> int:
    return max(2, dividend // (2 * divisor) * 2)


def _padding(inside: Size, size: Size) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=inside[0],
        height=inside[1],
        format=VideoFormat(PIXELS),
        time_base=Fraction(1, 1000),
    )
    pad = graph.add("pad", f"{size[0]}:{size[1]}:-1:-1")
    graph.link_nodes(source, pad, graph.add("buffersink")).configure()
    return graph
