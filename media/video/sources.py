"""Where a publisher's video comes from.

came_at: when its first picture was taken, in seconds since 1970. FFmpeg looks at
seconds of a stream before it hands on the first packet.
"""

import threading
from collections import deque
from time import time
from typing import Any, cast

import av
from av.container import InputContainer

QUICK_LOOK = {
    "fflags": "nobuffer",
    "probesize": "1000000",
    "analyzeduration": "3000000",
}
OPEN_S, SILENCE_S = 10.0, 12.0
TRIES, BETWEEN_TRIES_S = 20, 0.2
MOST_WAITING = 8 * 1024 * 1024
SLICE_S = 0.2
"""A recorder hands on what it filmed in so long; see static/js/live/camera.js."""


class TooSlow(Exception):
    """More has arrived than can be taken in; the publisher must start anew."""


class RtmpSource:
    """The stream that an RTMP server on this machine holds for us."""

    kind = "rtmp"

    def __init__(self, url: str) -> None:
        self.came_at = 0.0
        self._url = url
        self._closed = threading.Event()

    def open(self) -> InputContainer:
        """Connect and read the streams' descriptions. Raises av.FFmpegError.

        The server asked us whether to let the publisher in: the stream is there a
        moment after our answer.
        """
        for _ in range(TRIES):
            try:
                return self._open()
            except av.FFmpegError:
                if self._closed.wait(BETWEEN_TRIES_S):
                    break
        return self._open()

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        """Try no more; reading ends with the publisher."""
        self._closed.set()

    def _open(self) -> InputContainer:
        options = {**QUICK_LOOK, "rtmp_live": "live", "rtmp_buffer": "0"}
        timeout = (OPEN_S, SILENCE_S)
        self.came_at = time()
        return av.open(self._url, format="live_flv", options=options, timeout=timeout)


class CameraSource:
    """Slices of WebM or MP4 that a browser's recorder sends, one after another."""

    kind = "camera"

    def __init__(self) -> None:
        self.came_at = 0.0
        self._slices: deque[bytes] = deque()
        self._waiting = 0
        self._ended = False
        self._changed = threading.Condition()

    def feed(self, data: bytes) -> None:
        """Take a slice, from any thread. Raises TooSlow when they pile up."""
        with self._changed:
            if self._waiting + len(data) > MOST_WAITING:
                raise TooSlow
            self.came_at = self.came_at or time() - SLICE_S
            self._slices.append(data)
            self._waiting += len(data)
            self._changed.notify()

    @property
    def is_closed(self) -> bool:
        """Whether the camera has hung up; what it sent may still be under way."""
        return self._ended

    def close(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes as soon as there are any; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._slices or self._ended, SILENCE_S)
            return self._next(size)

    def open(self) -> InputContainer:
        """Wait for the first slices and read the streams' descriptions."""
        file, options = cast("Any", self), dict(QUICK_LOOK)
        found: InputContainer = av.open(file, options=options, buffer_size=4096)
        return found

    def _next(self, size: int) -> bytes:
        if not self._slices:
            return b""
        first = self._slices.popleft()
        if len(first) > size:
            self._slices.appendleft(first[size:])
            first = first[:size]
        self._waiting -= len(first)
        return first


Source = RtmpSource | CameraSource
