"""The gauge: figures from packets, and the advice that follows from them."""

import pytest

from media.stage.gauge import Gauge, Picture

GOOD = Picture("rtmp", 1280, 720, "h264", "aac")
MADE_ANEW = Picture("camera", 1280, 720, "vp8", "opus", copied=False)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def played(
    seconds: float, *, fps: int = 25, keyframe_s: int = 1, picture: Picture = GOOD
) -> tuple[Gauge, Clock]:
    clock = Clock()
    gauge = Gauge(clock)
    gauge.picture = picture
    for index in range(round(seconds * fps)):
        is_key = index % (keyframe_s * fps) == 0
        gauge.count(10_000, is_frame=True, key_at=index / fps if is_key else None)
        clock.now += 1 / fps
    return gauge, clock


def test_nothing_is_said_before_the_stream_is_understood() -> None:
    assert Gauge().health() is None


def test_a_good_stream_needs_no_advice() -> None:
    gauge, _clock = played(20)
    health = gauge.health()

    assert health is not None
    assert health.fps == pytest.approx(25, abs=0.5)
    assert health.kbps == pytest.approx(2000, abs=50)
    assert (health.keyframe_s, health.advice) == (1.0, [])


def test_the_first_second_is_not_called_slow() -> None:
    gauge, _clock = played(1)
    health = gauge.health()

    assert health is not None
    assert health.advice == []


@pytest.mark.parametrize(
    ("fps", "keyframe_s", "picture", "code"),
    [
        (10, 1, GOOD, "low_fps"),
        (25, 10, GOOD, "long_keyframes"),
        (25, 1, Picture("rtmp", 1280, 720, "h264", ""), "no_audio"),
        (25, 100, GOOD, "long_keyframes"),
        (25, 10, MADE_ANEW, "transcoding"),
    ],
)
def test_what_is_amiss_is_named(
    fps: int, keyframe_s: int, picture: Picture, code: str
) -> None:
    gauge, _clock = played(25, fps=fps, keyframe_s=keyframe_s, picture=picture)
    health = gauge.health()

    assert health is not None
    assert health.advice == [code]


def test_sound_alone_is_told_but_not_called_slow() -> None:
    clock = Clock()
    gauge = Gauge(clock)
    gauge.picture = Picture("rtmp", audio_codec="aac")
    gauge.count(300, is_frame=False, key_at=None)
    health = gauge.health()

    assert health is not None
    assert health.advice == ["no_video"]


def test_silence_is_counted_and_told() -> None:
    gauge, clock = played(10)
    clock.now += 3
    health = gauge.health()

    assert health is not None
    assert health.silent_s == pytest.approx(3.0, abs=0.1)
    assert "stalled" in health.advice
