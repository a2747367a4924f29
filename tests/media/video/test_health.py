"""The health meter: figures from packets, and the advice that follows from them."""

import pytest

from media.video.health import HealthMeter, StreamFormat

GOOD = StreamFormat("rtmp", 1280, 720, "h264", "aac")
MADE_ANEW = StreamFormat("camera", 1280, 720, "vp8", "opus", copied=False)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def played(
    seconds: float, *, fps: int = 25, keyframe_s: int = 1, sent: StreamFormat = GOOD
) -> tuple[HealthMeter, Clock]:
    clock = Clock()
    meter = HealthMeter(clock)
    meter.format = sent
    for index in range(round(seconds * fps)):
        is_key = index % (keyframe_s * fps) == 0
        meter.count(
            10_000, is_frame=True, keyframe_at_s=index / fps if is_key else None
        )
        clock.now += 1 / fps
    return meter, clock


def test_nothing_is_said_before_the_stream_is_understood() -> None:
    assert HealthMeter().report() is None


def test_a_good_stream_needs_no_advice() -> None:
    meter, _clock = played(20)
    health = meter.report()

    assert health is not None
    assert health["fps"] == pytest.approx(25, abs=0.5)
    assert health["kbps"] == pytest.approx(2000, abs=50)
    assert (health["keyframe_s"], health["advice"]) == (1.0, [])


def test_the_first_second_is_not_called_slow() -> None:
    meter, _clock = played(1)
    health = meter.report()

    assert health is not None
    assert health["advice"] == []


@pytest.mark.parametrize(
    ("fps", "keyframe_s", "sent", "code"),
    [
        (10, 1, GOOD, "low_fps"),
        (25, 10, GOOD, "long_keyframes"),
        (25, 1, StreamFormat("rtmp", 1280, 720, "h264", ""), "no_audio"),
        (25, 100, GOOD, "long_keyframes"),
        (25, 10, MADE_ANEW, "transcoding"),
    ],
)
def test_what_is_amiss_is_named(
    fps: int, keyframe_s: int, sent: StreamFormat, code: str
) -> None:
    meter, _clock = played(25, fps=fps, keyframe_s=keyframe_s, sent=sent)
    health = meter.report()

    assert health is not None
    assert health["advice"] == [code]


def test_sound_alone_is_told_but_not_called_slow() -> None:
    clock = Clock()
    meter = HealthMeter(clock)
    meter.format = StreamFormat("rtmp", audio_codec="aac")
    meter.count(300, is_frame=False, keyframe_at_s=None)
    health = meter.report()

    assert health is not None
    assert health["advice"] == ["no_video"]


def test_silence_is_counted_and_told() -> None:
    meter, clock = played(10)
    clock.now += 3
    health = meter.report()

    assert health is not None
    assert health["silent_s"] == pytest.approx(3.0, abs=0.1)
    assert "stalled" in health["advice"]
