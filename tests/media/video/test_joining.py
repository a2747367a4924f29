"""Films joined into one: different takes of one session still make one film."""

from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from av import AudioFrame, VideoFrame

from media.video.joining import join
from tests.media.films import film, sizes, streams

FRAGMENTED = ("-movflags", "empty_moov+default_base_moof+frag_keyframe")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")
PICTURE, SOUND = (*H264, "-s", "320x180"), ("-c:a", "aac", "-ar", "48000", "-ac", "2")


def joined(folder: Path, *takes: tuple[str, ...]) -> Path:
    """Takes of 2 s in one film."""
    paths = []
    for number, codecs in enumerate(takes):
        paths.append(folder / f"{number}.mp4")
        film(paths[-1], 2, *FRAGMENTED, *codecs)
    target = folder / "joined.mp4"
    lasting_ms = join(paths, target)
    assert lasting_ms == pytest.approx([2000] * len(takes), abs=100)
    return target


def pictures(path: Path) -> Iterator[VideoFrame]:
    with av.open(str(path)) as opened:
        yield from opened.decode(video=0)


def sounds(path: Path) -> Iterator[AudioFrame]:
    with av.open(str(path)) as opened:
        yield from opened.decode(audio=0)


def light(picture: VideoFrame, x: int, y: int) -> int:
    """How light a place is: 16 is black."""
    plane = picture.planes[0]
    return bytes(plane)[y * plane.line_size + x]


@pytest.mark.parametrize("other", [("-ar", "44100"), ("-ac", "1")])
@pytest.mark.parametrize("comes_first", [True, False])
def test_sounds_of_different_kinds_become_one(
    tmp_path: Path, other: tuple[str, ...], *, comes_first: bool
) -> None:
    takes = [(*PICTURE, *SOUND), (*PICTURE, *SOUND, *other)]

    path = joined(tmp_path, *(reversed(takes) if comes_first else takes))

    heard = list(sounds(path))
    assert sum(one.samples for one in heard) == pytest.approx(4 * 48_000, rel=0.03)
    assert {one.sample_rate for one in heard} == {48_000}
    quiet = [one.time for one in heard if not is_loud(one)]
    assert len(quiet) < 10


def test_a_take_without_sound_is_silent(tmp_path: Path) -> None:
    path = joined(tmp_path, (*PICTURE, "-an"), (*PICTURE, *SOUND), (*PICTURE, "-an"))

    heard = list(sounds(path))
    assert heard[0].time == pytest.approx(0, abs=0.1)
    assert heard[-1].time == pytest.approx(6, abs=0.2)
    loud_s = [one.time for one in heard if is_loud(one)]
    assert (loud_s[0], loud_s[-1]) == pytest.approx((2, 4), abs=0.2)


def test_a_take_without_picture_is_black(tmp_path: Path) -> None:
    path = joined(tmp_path, ("-vn", *SOUND), (*PICTURE, *SOUND), ("-vn", *SOUND))

    seen = list(pictures(path))
    times_s = [one.time for one in seen]
    assert times_s[0] == 0
    assert times_s[-1] == pytest.approx(5.5, abs=0.6)
    colourful_s = [one.time for one in seen if is_colourful(one)]
    assert (colourful_s[0], colourful_s[-1]) == pytest.approx((2, 4), abs=0.2)


def test_sound_alone_stays_sound_alone(tmp_path: Path) -> None:
    path = joined(tmp_path, ("-vn", *SOUND), ("-vn", *SOUND, "-ac", "1"))

    assert streams(path) == {"audio": "aac"}


def test_a_phone_that_is_turned_keeps_its_shape(tmp_path: Path) -> None:
    path = joined(tmp_path, (*PICTURE, *SOUND), (*H264, "-s", "180x320", *SOUND))

    upright = next(one for one in pictures(path) if one.time > 3)
    assert sizes(path) == (320, 180)
    assert light(upright, 20, 90) == pytest.approx(16, abs=3)
    assert light(upright, 300, 90) == pytest.approx(16, abs=3)
    assert is_colourful(upright)


def test_every_picture_of_every_take_is_there(tmp_path: Path) -> None:
    delayed = (*PICTURE, *SOUND, "-bf", "3", "-preset", "medium")

    path = joined(tmp_path, delayed, (*delayed, "-s", "640x360"))

    assert len(list(pictures(path))) == 100


def test_what_is_alike_is_copied(tmp_path: Path) -> None:
    path = joined(tmp_path, (*PICTURE, *SOUND), (*PICTURE, *SOUND, "-ac", "1"))

    assert set_up(path) == set_up(tmp_path / "0.mp4")
    assert [one.time for one in pictures(path)] == pytest.approx(
        [number / 25 for number in range(100)], abs=0.05
    )


def set_up(path: Path) -> bytes | None:
    with av.open(str(path)) as opened:
        return opened.streams.video[0].codec_context.extradata


def is_loud(sound: AudioFrame) -> bool:
    samples = memoryview(bytes(sound.planes[0])).cast("f")[: sound.samples]
    return max(map(abs, samples)) > 0.05


def is_colourful(picture: VideoFrame) -> bool:
    across = [light(picture, x, 90) for x in range(110, 210, 4)]
    return max(across) - min(across) > 30
