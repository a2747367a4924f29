"""Video through the site's nginx: fetched once, waited for together, never mixed up."""

import re
import ssl
import threading
import time
from collections import Counter
from http.client import HTTPSConnection
from operator import itemgetter
from pathlib import Path
from statistics import fmean

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from scripts.processes import LOCAL
from tests.media.films import film
from tests.support.little_web import LittleWeb
from tests.support.publishing import Ingest, publish, publish_key, run_pass
from tests.support.site import NAME, Answer, Site, read

READERS = 50
FOLLOWERS, STEPS = 20, 8
BEHIND_S = 0.1
"""Behind the first of them; nginx's own lock would make it a quarter of a second."""

PATIENCE_S = 15.0
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-g", "25", "-c:a", "libopus")


def test_fifty_who_wait_for_a_part_are_one_to_the_media_server(
    front: Site, on_air: str
) -> None:
    number, part = next_part(front, on_air)
    address = f"{playlist(on_air)}?_HLS_msn={number}&_HLS_part={part + 1}"
    crowd = [Waiting(front, address) for _ in range(READERS)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    kept = Counter(one.answer.headers["x-cache"] for one in crowd)
    assert {one.answer.status for one in crowd} == {200}
    assert kept["MISS"] <= front.workers
    assert kept["HIT"] == READERS - kept["MISS"]
    assert f"/{number}.{part}.m4s" in crowd[0].answer.body.decode()


def test_who_waits_for_another_is_served_with_them(front: Site, on_air: str) -> None:
    number, part = next_part(front, on_air)
    crowd = [Follower(front, on_air, number, part) for _ in range(FOLLOWERS)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    served = [step for one in crowd for step in one.served.items()]
    first = dict(sorted(served, key=itemgetter(1), reverse=True))
    behind = [at - first[place] for place, at in served]
    assert len(served) == FOLLOWERS * STEPS
    assert fmean(behind) < BEHIND_S


def test_who_waits_for_one_that_hangs_up_is_served_all_the_same(
    front: Site, on_air: str
) -> None:
    number, _part = next_part(front, on_air)
    address = f"{playlist(on_air)}?_HLS_msn={number + 1}&_HLS_part=0"
    leavers = [front.connect() for _ in range(front.workers * 4)]
    for leaver in leavers:
        leaver.request("GET", address, headers={"Host": NAME})
    crowd = [Waiting(front, address) for _ in range(len(leavers))]
    for one in crowd:
        one.start()
    for leaver in leavers:
        leaver.close()
    for one in crowd:
        one.join()

    assert {one.answer.status for one in crowd} == {200}
    assert f"/{number + 1}.0.m4s" in crowd[0].answer.body.decode()


def test_a_part_is_fetched_once_and_kept(front: Site, on_air: str) -> None:
    address = newest_part(front, on_air)
    first, second = front.ask(address), front.ask(f"{address}?who=else")

    assert first.status == 200
    assert first.headers["x-cache"] == "MISS"
    assert first.headers["content-type"] == "video/mp4"
    assert first.headers["cache-control"] == "public, max-age=3600, immutable"
    assert first.headers["access-control-allow-origin"] == "*"
    assert second.headers["x-cache"] == "HIT"
    assert second.body == first.body


def test_a_playlist_is_compressed_and_a_part_is_not(front: Site, on_air: str) -> None:
    listed = front.ask(playlist(on_air), Accept_Encoding="gzip")
    part = front.ask(newest_part(front, on_air), Accept_Encoding="gzip")

    assert listed.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert listed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in part.headers


@pytest.mark.parametrize(
    "query",
    [
        "_HLS_msn={ahead}&_HLS_part=0&_HLS_msn={old}",
        "_hls_MSN={ahead}&_HLS_part=0&_HLS_msn={old}",
    ],
)
def test_nobody_can_put_another_playlist_in_a_places_stead(
    front: Site, on_air: str, query: str
) -> None:
    """The first of two is ours, the last Starlette's, and only ours knows no case."""
    number, _part = next_part(front, on_air)
    ahead = number + 1
    front.ask(f"{playlist(on_air)}?{query.format(ahead=ahead, old=number - 3)}")
    text = front.ask(f"{playlist(on_air)}?_HLS_msn={ahead}&_HLS_part=0").body.decode()

    assert f"/{ahead}.0.m4s" in text


def test_what_a_query_adds_makes_no_further_copy(front: Site, on_air: str) -> None:
    number, _part = next_part(front, on_air)
    address = f"{playlist(on_air)}?_HLS_msn={number - 1}&_HLS_part=0"
    front.ask(address)

    assert front.ask(f"{address}&who=else").headers["x-cache"] == "HIT"


@pytest.mark.parametrize("query", ["", "?_HLS_msn=x&_HLS_part=-1", "?_HLS_skip=v2"])
def test_odd_questions_get_the_playlist_as_it_is(
    front: Site, on_air: str, query: str
) -> None:
    answer = front.ask(f"{playlist(on_air)}{query}")

    assert answer.status == 200
    assert answer.body.startswith(b"#EXTM3U")


def test_a_room_without_a_picture_is_asked_for_again(
    front: Site, ingest: Ingest, room: str
) -> None:
    before = front.ask(playlist(room))
    with publish(ingest, room, speed=4):
        ingest.wait_for(room, "#EXTINF:")
        after = front.ask(playlist(room))

    assert (before.status, before.headers["cache-control"]) == (404, "no-store")
    assert after.status == 200


def test_what_a_host_sees_by_a_pass_nobody_else_gets(
    front: Site, ingest: Ingest, web: LittleWeb, room: str
) -> None:
    web.open_room(room, state="planned")
    token = run_pass(room)
    with publish(ingest, room, speed=4):
        answers = [wait_for_playlist(front, f"{playlist(room)}?token={token}")]
        answers.append(front.ask(playlist(room), Authorization=f"Bearer {token}"))
        address = f"/media/rooms/{room}/{named(answers[0], 'EXT-X-MAP')}"
        answers.append(front.ask(address))
        plain = [front.ask(playlist(room)), front.ask(address.partition("?")[0])]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert {answer.headers["x-cache"] for answer in answers} == {"BYPASS"}
    assert [answer.status for answer in plain] == [404, 404]


def test_a_replay_is_sought_in_and_its_pieces_are_kept(
    front: Site, ingest: Ingest, room: str
) -> None:
    replay = bytes(range(256)) * 12_000
    folder = ingest.folder / "media" / room
    folder.mkdir(parents=True)
    (folder / "replay.mp4").write_bytes(replay)
    (folder / "replay.json").write_text('{"takes": []}')
    address = f"/media/rooms/{room}/replay.mp4"
    first = front.ask(address, Range="bytes=1048000-1050000")
    again = front.ask(address, Range="bytes=1048576-1048580")
    whole = front.ask(f"{address}?no=matter")

    assert first.status == 206
    assert first.headers["content-range"] == f"bytes 1048000-1050000/{len(replay)}"
    assert first.body == replay[1048000:1050001]
    assert again.headers["x-cache"] == "HIT"
    assert whole.body == replay


def test_a_replay_that_is_not_there_yet_is_asked_for_again(
    front: Site, room: str
) -> None:
    answer = front.ask(f"/media/rooms/{room}/replay.mp4", Range="bytes=0-")

    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")


def test_a_camera_comes_in_through_nginx(
    front: Site, ingest: Ingest, room: str, tmp_path: Path
) -> None:
    webm = film(tmp_path / "camera.webm", 6, *VP8)
    with connect(camera(front, room, publish_key(room)), ssl=trust(front)) as socket:
        for begin in range(0, len(webm), 16_384):
            socket.send(webm[begin : begin + 16_384])
        answer = wait_for_playlist(front, playlist(room))

    assert b"#EXT-X-PART" in answer.body


def test_a_camera_without_a_key_is_told_why(front: Site, room: str) -> None:
    with (
        connect(camera(front, room, "forged"), ssl=trust(front)) as socket,
        pytest.raises(ConnectionClosed) as closed,
    ):
        socket.recv()

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4403, "forged")


@pytest.mark.parametrize(
    "path",
    [
        "/media/rtmp/publish",
        "/media//rtmp/publish",
        "/media/x/../rtmp/publish",
        "/media/%72tmp/publish",
        "/media/rtmp%2Fpublish",
        "//media/./rtmp/publish",
    ],
)
def test_only_the_machine_itself_asks_for_publishers(front: Site, path: str) -> None:
    assert front.ask(path, method="POST").status == 403


class Waiting(threading.Thread):
    """A viewer whose connection stands when it asks."""

    answer: Answer

    def __init__(self, front: Site, address: str) -> None:
        super().__init__()
        self.address = address
        self.connection: HTTPSConnection = front.connect()
        self.connection.connect()

    def run(self) -> None:
        """Ask, and note when the answer came."""
        self.connection.request("GET", self.address, headers={"Host": NAME})
        self.answer = read(self.connection.getresponse())
        self.connection.close()


class Follower(threading.Thread):
    """A player that asks for part after part; `served`: when each playlist came."""

    def __init__(self, front: Site, room: str, number: int, part: int) -> None:
        super().__init__()
        self.address = playlist(room)
        self.place = number, part
        self.served: dict[tuple[int, int], float] = {}
        self.connection: HTTPSConnection = front.connect()
        self.connection.connect()

    def run(self) -> None:
        """Follow the hints for a while."""
        for _ in range(STEPS):
            number, part = self.place
            query = f"?_HLS_msn={number}&_HLS_part={part}"
            self.connection.request("GET", self.address + query)
            text = self.connection.getresponse().read().decode()
            self.served[self.place] = time.monotonic()
            self.place = hinted(text)
        self.connection.close()


def playlist(room: str) -> str:
    """Where a room's playlist is."""
    return f"/media/rooms/{room}/live.m3u8"


def camera(front: Site, room: str, token: str) -> str:
    """Where a host's camera goes."""
    return f"wss://{LOCAL}:{front.port}/media/rooms/{room}/camera?token={token}"


def trust(front: Site) -> ssl.SSLContext:
    """Believe the site's certificate."""
    return ssl.create_default_context(cafile=str(front.certificate))


def next_part(front: Site, room: str) -> tuple[int, int]:
    """Segment and part that will come next."""
    return hinted(front.ask(playlist(room)).body.decode())


def hinted(text: str) -> tuple[int, int]:
    """Segment and part that a playlist announces."""
    hint = re.search(r'PRELOAD-HINT:.*/([0-9]+)\.([0-9]+)\.m4s"', text)
    assert hint is not None, text
    return int(hint[1]), int(hint[2])


def newest_part(front: Site, room: str) -> str:
    """The address of a part that nobody has fetched."""
    number, part = next_part(front, room)
    query = f"?_HLS_msn={number}&_HLS_part={part}"
    answer = front.ask(f"{playlist(room)}{query}")
    parts = re.findall(r'#EXT-X-PART:.*URI="([^"]+)"', answer.body.decode())
    return f"/media/rooms/{room}/{parts[-1]}"


def named(answer: Answer, kind: str) -> str:
    """The address in a playlist's first line of a kind."""
    lines = answer.body.decode().splitlines()
    return next(line for line in lines if kind in line).split('"')[1]


def wait_for_playlist(front: Site, address: str) -> Answer:
    """The playlist as soon as there is one."""
    deadline = time.monotonic() + PATIENCE_S
    while (answer := front.ask(address)).status != 200:
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)
    return answer
