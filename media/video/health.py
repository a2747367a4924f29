"""How a publisher's stream is doing, measured as it arrives."""

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

MEASURED_S = 5.0
GOOD_FRAMES_S = 15
LONGEST_KEYFRAME_S = 3.0
STALLED_S = 2.0


@dataclass(frozen=True)
class StreamFormat:
    """What the publisher sends; empty names where a track is missing.

    copied: whether it goes out as it came in.
    """

    source: str
    width: int = 0
    height: int = 0
    video_codec: str = ""
    audio_codec: str = ""
    copied: bool = True


class HealthMeter:
    """Counts packets of one publication; written by its thread, read by others."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._bytes: deque[tuple[float, int]] = deque(maxlen=4000)
        self._frames: deque[float] = deque(maxlen=1000)
        self._keyframe_at_s: float | None = None
        self._keyframe_came = 0.0
        self._keyframe_s = 0.0
        self._first = self._last = clock()
        self.format: StreamFormat | None = None

    def count(self, size: int, *, is_frame: bool, keyframe_at_s: float | None) -> None:
        """Note a packet; keyframe_at_s: of the stream, when it is a keyframe."""
        self._last = self._clock()
        if not self._bytes:
            self._first = self._last
        self._bytes.append((self._last, size))
        if is_frame:
            self._frames.append(self._last)
        if keyframe_at_s is not None:
            if self._keyframe_at_s is not None:
                self._keyframe_s = keyframe_at_s - self._keyframe_at_s
            self._keyframe_at_s, self._keyframe_came = keyframe_at_s, self._last

    @property
    def silent_s(self) -> float:
        return max(0.0, self._clock() - self._last)

    def report(self) -> dict[str, Any] | None:
        """The figures now, and what the host should do, as codes in `advice`.

        None until the first packets were understood.
        """
        if self.format is None:
            return None
        since = max(self._first, self._clock() - MEASURED_S)
        lasts_s = max(1.0, self._clock() - since)
        frames = sum(at >= since for at in tuple(self._frames))
        size = sum(count for at, count in tuple(self._bytes) if at >= since)
        fps = round(frames / lasts_s, 1)
        return {
            "on": True,
            **asdict(self.format),
            "fps": fps,
            "kbps": round(size * 8 / lasts_s / 1000),
            "keyframe_s": round(self._keyframe_s, 1),
            "silent_s": round(self.silent_s, 1),
            "advice": self._advice(self.format, fps),
        }

    def _advice(self, sent: StreamFormat, fps: float) -> list[str]:
        """Keyframes of a picture that is transcoded are our own."""
        signs = {
            "stalled": self.silent_s >= STALLED_S,
            "no_video": not sent.video_codec,
            "no_audio": not sent.audio_codec,
            "low_fps": bool(sent.video_codec) and fps < GOOD_FRAMES_S,
            "long_keyframes": sent.copied and self._longest_wait_s > LONGEST_KEYFRAME_S,
            "transcoding": not sent.copied,
        }
        return [code for code, holds in signs.items() if holds]

    @property
    def _longest_wait_s(self) -> float:
        """Between keyframes, or since the last one when no other has come yet."""
        is_waiting = self._keyframe_at_s is not None
        waiting_s = self._last - self._keyframe_came if is_waiting else 0.0
        return max(self._keyframe_s, waiting_s)
