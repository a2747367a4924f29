"""How a publisher's stream is doing, measured as it arrives."""

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any

WINDOW_S = 5.0
GOOD_FRAMES_S = 15
LONGEST_KEYFRAME_S = 3.0
STALLED_S = 2.0


@dataclass(frozen=True)
class Picture:
    """What the publisher sends; empty names where a track is missing."""

    source: str
    width: int = 0
    height: int = 0
    video_codec: str = ""
    audio_codec: str = ""
    copied: bool = True


@dataclass(frozen=True)
class Health:
    """A stream's health in figures, and what its host should do, as codes.

    advice: no_video, no_audio, stalled, low_fps, long_keyframes, transcoding.
    """

    picture: Picture
    fps: float
    kbps: int
    keyframe_s: float
    silent_s: float
    advice: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Flat, for the host's console."""
        figures = asdict(self)
        return {"on": True, **figures.pop("picture"), **figures}


class Gauge:
    """Counts packets of one publication; written by its thread, read by others."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._bytes: deque[tuple[float, int]] = deque(maxlen=4000)
        self._frames: deque[float] = deque(maxlen=1000)
        self._key_at: float | None = None
        self._key_came = 0.0
        self._keyframe_s = 0.0
        self._first = self._last = clock()
        self.picture: Picture | None = None

    def count(self, size: int, *, is_frame: bool, key_at: float | None) -> None:
        """Note a packet; key_at: seconds of the stream at which a keyframe stands."""
        self._last = self._clock()
        if not self._bytes:
            self._first = self._last
        self._bytes.append((self._last, size))
        if is_frame:
            self._frames.append(self._last)
        if key_at is not None:
            if self._key_at is not None:
                self._keyframe_s = key_at - self._key_at
            self._key_at = key_at
            self._key_came = self._last

    @property
    def silent_s(self) -> float:
        """Seconds since the last packet."""
        return max(0.0, self._clock() - self._last)

    @property
    def _longest_wait_s(self) -> float:
        """Between keyframes, or since the last one when no other has come yet."""
        waiting_s = 0.0 if self._key_at is None else self._last - self._key_came
        return max(self._keyframe_s, waiting_s)

    def health(self) -> Health | None:
        """The figures now; None until the first packets were understood."""
        if self.picture is None:
            return None
        since = max(self._first, self._clock() - WINDOW_S)
        lasts = max(1.0, self._clock() - since)
        frames = sum(at >= since for at in tuple(self._frames))
        size = sum(count for at, count in tuple(self._bytes) if at >= since)
        fps = round(frames / lasts, 1)
        return Health(
            picture=self.picture,
            fps=fps,
            kbps=round(size * 8 / lasts / 1000),
            keyframe_s=round(self._keyframe_s, 1),
            silent_s=round(self.silent_s, 1),
            advice=_advice(self.picture, fps, self._longest_wait_s, self.silent_s),
        )


def _advice(
    picture: Picture, fps: float, longest_wait_s: float, silent_s: float
) -> list[str]:
    """What is amiss; keyframes of a picture that is made anew are our own."""
    signs = {
        "stalled": silent_s >= STALLED_S,
        "no_video": not picture.video_codec,
        "no_audio": not picture.audio_codec,
        "low_fps": bool(picture.video_codec) and fps < GOOD_FRAMES_S,
        "long_keyframes": picture.copied and longest_wait_s > LONGEST_KEYFRAME_S,
        "transcoding": not picture.copied,
    }
    return [code for code, holds in signs.items() if holds]
