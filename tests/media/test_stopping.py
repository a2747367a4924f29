"""Starting and stopping: room for all, a goodbye, a snapshot from the next server."""

import signal
from contextlib import ExitStack
from pathlib import Path

import psutil

from tests.support.little_web import LittleWeb
from tests.support.media_server import chat, running_media


def test_a_server_that_stops_says_goodbye(
    web: LittleWeb, room: str, tmp_path: Path
) -> None:
    with running_media(tmp_path, web.url) as media, ExitStack() as stack:
        readers = [
            stack.enter_context(media.listen(room, f"v{number}"))
            for number in range(20)
        ]
        for reader in readers:
            reader.hear("snapshot")
        media.child.process.send_signal(signal.SIGTERM)
        heard = [reader.rest()[-1].kind for reader in readers]
        code = media.child.process.wait(timeout=4)
        said = media.child.last_lines()

    assert heard == ["bye"] * 20
    assert len({reader.retries[-1] for reader in readers}) > 1
    assert code in (0, -signal.SIGTERM)
    assert "ERROR" not in said
    assert "error" not in said


def test_who_comes_back_to_a_new_server_gets_a_snapshot(
    web: LittleWeb, room: str, tmp_path: Path
) -> None:
    with running_media(tmp_path, web.url) as media:
        with media.listen(room) as ann:
            media.announce(room, chat(1))
            last_id = ann.hear("chat").number
        media.child.process.kill()
        media.child.process.wait()

    web.rooms[room]["chat"] = [chat(1)[1]]
    with (
        running_media(tmp_path, web.url, port=media.port) as media,
        media.listen(room, last_event_id=last_id) as ann,
    ):
        told = ann.hear()

    assert told.kind == "snapshot"
    assert told.number.partition("-")[0] != last_id.partition("-")[0]
    assert [line["seq"] for line in told.data["chat"]] == [1]


def test_readers_are_not_limited_by_what_a_shell_allows(
    web: LittleWeb, tmp_path: Path
) -> None:
    few = ["prlimit", "--nofile=200:2000"]
    with running_media(tmp_path, web.url, prefix=few) as media:
        process = psutil.Process(media.child.process.pid)

        assert process.rlimit(psutil.RLIMIT_NOFILE) == (2_000, 2_000)
