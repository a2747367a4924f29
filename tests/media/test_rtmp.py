"""RTMP in, LL-HLS out: with ffmpeg and nginx as they are."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.media.films import decoded_s
from tests.support.little_web import LittleWeb
from tests.support.publishing import (
    H264,
    PICTURE,
    SOUND,
    Ingest,
    publish,
    publish_key,
    run_pass,
    running_ingest,
)

PART = "#EXT-X-PART:"
SPEED = 4
"""A quarter of the waiting; what is measured is measured in the stream's time."""
SLOW_KEYS = (*PICTURE, *H264, "-g", "250", "-keyint_min", "250", "-sc_threshold", "0")
B_FRAMES = (*PICTURE, *H264, "-preset", "veryfast", "-bf", "2", "-g", "25")
OLD_CODEC = (*PICTURE, "-c:v", "flv1", "-g", "25", "-b:v", "800k")


def test_a_stream_comes_out_as_low_latency_hls(ingest: Ingest, room: str) -> None:
    with publish(ingest, room, speed=SPEED):
        ingest.wait_for(room, "#EXTINF:", PART, "#EXT-X-PRELOAD-HINT:")
        text = ingest.playlist(room)
        names = [line for line in text.splitlines() if line.endswith(".m4s")]
        status, segment = ingest.get(f"/rooms/{room}/{names[0]}")
        init = next(line for line in text.splitlines() if "EXT-X-MAP" in line)
        got_init = ingest.get(f"/rooms/{room}/{named(init)}")

    assert "CAN-BLOCK-RELOAD=YES" in text
    assert "#EXT-X-PROGRAM-DATE-TIME:" in text
    assert (status, segment[4:8]) == (200, b"moof")
    assert (got_init[0], got_init[1][4:8]) == (200, b"ftyp")


def test_a_reload_waits_for_the_part_it_asks_for(ingest: Ingest, room: str) -> None:
    with publish(ingest, room, speed=SPEED):
        text = ingest.wait_for(room, "#EXTINF:")
        hint = next(line for line in text.splitlines() if "PRELOAD-HINT" in line)
        number, part = hint.split("/")[-1].split(".")[:2]
        later = ingest.playlist(room, _HLS_msn=number, _HLS_part=part)
        status, data = ingest.get(f"/rooms/{room}/{named(hint)}")
        far = ingest.get(f"/rooms/{room}/live.m3u8", _HLS_msn=int(number) + 9)

    assert f"/{number}.{part}.m4s" in later
    assert (status, data[4:8]) == (200, b"moof")
    assert far[0] == 400


@pytest.mark.parametrize(
    "token",
    ["", "forged", publish_key("another"), publish_key("late", lasts=timedelta(-1))],
    ids=["none", "forged", "of another room", "late"],
)
def test_a_wrong_key_is_refused(ingest: Ingest, room: str, token: str) -> None:
    with publish(ingest, room, token=token) as refused:
        assert refused.ends_within(8) not in (None, 0)
    assert ingest.playlist(room) == ""


def test_an_old_key_is_refused(ingest: Ingest, web: LittleWeb, room: str) -> None:
    web.open_room(room, key=2)

    with publish(ingest, room, token=publish_key(room, key=1)) as refused:
        assert refused.ends_within(8) not in (None, 0)
    with publish(ingest, room, token=publish_key(room, key=2), speed=SPEED):
        ingest.wait_for(room, PART)


def test_a_second_publisher_is_refused_and_the_first_goes_on(
    ingest: Ingest, room: str
) -> None:
    with publish(ingest, room, speed=SPEED):
        ingest.wait_for(room, PART)
        with publish(ingest, room) as second:
            assert second.ends_within(8) not in (None, 0)
        before = ingest.playlist(room)
        ingest.wait_until(lambda: ingest.playlist(room), lambda text: text != before)
        assert "#EXT-X-DISCONTINUITY\n" not in before


def test_a_publisher_that_drops_may_come_back_to_the_same_room(
    ingest: Ingest, room: str
) -> None:
    with ingest.media.listen(room) as viewer:
        with publish(ingest, room, speed=SPEED) as first:
            ingest.wait_for(room, "#EXTINF:")
            assert viewer.hear("video").data == {"on": True, "discontinuity": False}
            first.kill()
            assert viewer.hear("video").data == {"on": False, "waiting": True}
        with publish(ingest, room, speed=SPEED):
            text = ingest.wait_for(room, "#EXT-X-DISCONTINUITY\n")
            assert viewer.hear("video").data == {"on": True, "discontinuity": True}

    assert text.count("#EXT-X-MAP:") == 2


def test_a_publisher_whose_network_is_gone_makes_way(ingest: Ingest, room: str) -> None:
    with publish(ingest, room, speed=SPEED) as lost:
        ingest.wait_for(room, PART)
        lost.freeze()
        deadline = time.monotonic() + 30
        is_back = False
        while not is_back:
            assert time.monotonic() < deadline
            with publish(ingest, room, speed=SPEED) as again:
                while not is_back and again.ends_within(0.1) is None:
                    is_back = "#EXT-X-DISCONTINUITY\n" in ingest.playlist(room)


def test_keyframes_ten_seconds_apart_are_told_to_the_host(
    ingest: Ingest, room: str
) -> None:
    with (
        publish(ingest, room, video=SLOW_KEYS, speed=10),
        ingest.media.host(room) as host,
    ):
        host.connection.sock.settimeout(30)
        health = host.hear("health").data
        while not health["keyframe_s"]:
            health = host.hear("health").data
        ingest.wait_for(room, "#EXT-X-TARGETDURATION:10\n")

    assert health["keyframe_s"] == pytest.approx(10, abs=0.2)
    assert "long_keyframes" in health["advice"]


def test_b_frames_are_copied_in_order(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    with publish(ingest, room, video=B_FRAMES, speed=SPEED):
        ingest.wait_for_segments(room, 2)
        path = fetched(ingest, room, tmp_path)

    assert decoded_s(path) > 3


def test_sound_alone_is_a_stream_too(ingest: Ingest, room: str) -> None:
    with publish(ingest, room, video=(), speed=SPEED), ingest.media.host(room) as host:
        ingest.wait_for(room, "#EXTINF:")
        health = host.hear("health").data

    assert "no_video" in health["advice"]
    assert health["audio_codec"] == "aac"


def test_the_sound_of_a_stream_can_be_had_alone(ingest: Ingest, room: str) -> None:
    with publish(ingest, room, speed=SPEED):
        ingest.wait_for(room, "#EXTINF:")
        text = ingest.wait_for(room, "EXT-X-MAP", name="audio.m3u8")
        name = next(line for line in text.splitlines() if "EXT-X-MAP" in line)
        sound = ingest.get(f"/rooms/{room}/{named(name)}")[1]

    assert b"mp4a" in sound
    assert b"avc1" not in sound


def test_a_codec_that_browsers_lack_is_made_anew(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    mp3 = (*SOUND, "-c:a", "libmp3lame")
    with publish(ingest, room, video=OLD_CODEC, audio=mp3, speed=SPEED):
        with ingest.media.host(room) as host:
            ingest.wait_for_segments(room, 2)
            health = host.hear("health").data
        path = fetched(ingest, room, tmp_path)

    assert (health["copied"], health["video_codec"]) == (False, "flv")
    assert "transcoding" in health["advice"]
    assert b"avc1" in path.read_bytes()
    assert decoded_s(path) > 2


def test_before_the_session_only_its_host_sees_the_picture(
    ingest: Ingest, web: LittleWeb, room: str
) -> None:
    web.open_room(room, state="planned")
    with publish(ingest, room, speed=SPEED):
        text = ingest.wait_for(room, "EXT-X-MAP", token=run_pass(room))
        assert ingest.playlist(room) == ""
        name = next(line for line in text.splitlines() if "EXT-X-MAP" in line)
        address = named(name)
        assert "?token=" in address
        assert ingest.get(f"/rooms/{room}/{address}")[0] == 200
        assert ingest.get(f"/rooms/{room}/{address.split('?')[0]}")[0] == 404


UPDATES_S = 1.5
"""Longer than nginx waits from one question to the next."""


def test_a_restarted_server_takes_the_stream_up_again(
    web: LittleWeb, room: str, tmp_path: Path
) -> None:
    """Even when it is away at a moment in which nginx asks for it."""
    with (
        running_ingest(tmp_path, web, quick=True) as ingest,
        publish(ingest, room, speed=SPEED) as encoder,
    ):
        text = ingest.wait_for(room, "#EXTINF:")
        media = ingest.media
        media.child.process.kill()
        media.child.process.wait()
        first = number_of(text)
        assert encoder.ends_within(UPDATES_S) is None
        with ingest.restarted_media() as again:
            later = again.wait_for(room, PART)

    assert number_of(later) > first


def fetched(ingest: Ingest, room: str, folder: Path) -> Path:
    """What the playlist names, as one file."""
    text = ingest.playlist(room)
    names = [line for line in text.splitlines() if line.endswith(".m4s")]
    init = next(line for line in text.splitlines() if "EXT-X-MAP" in line)
    pieces = [named(init), *names]
    path = folder / "fetched.mp4"
    path.write_bytes(b"".join(ingest.get(f"/rooms/{room}/{p}")[1] for p in pieces))
    return path


def number_of(playlist: str) -> int:
    """The first segment's number."""
    line = next(x for x in playlist.splitlines() if x.startswith("#EXT-X-MEDIA-SEQ"))
    return int(line.split(":")[1])


def named(line: str) -> str:
    """The address in a playlist's line."""
    return line.split('"')[1]
