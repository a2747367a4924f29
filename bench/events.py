"""How late the readers of a crowded room hear what is said."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from bench.measurements import Bench, Figure, measures
from bench.programs import SLACK_S, ProgramFailed, compiled
from core.room_tokens import Purpose
from tests.support.little_web import running_little_web
from tests.support.media_server import Media, chat, running_media, token_for

MESSAGES_PER_S = 20
OPEN_FILES = 8_192
ROOM = "crowded"
TEXT = "这蜜薯甜不甜？孩子爱吃吗？发到济南要几天？"


@measures("sse_p99_ms_2000x20")
def sse_delay(bench: Bench) -> Iterator[Figure]:
    """99th percentile from announcing a line of chat to each reader's having it.

    2,000 readers hear 20 lines a second. The media server has one core, the compiled
    readers and who announces have the other.
    """
    program = compiled("sse_readers.c", bench.folder)
    cores = sorted(os.sched_getaffinity(0))
    _allow_open_files()
    with (
        running_little_web() as web,
        running_media(bench.folder, web.url, prefix=_pinned(cores[0])) as media,
    ):
        web.open_room(ROOM)
        p50, p99, most = _delays(bench, media, [*_pinned(cores[-1]), str(program)])
    print(f"  p50 {p50} ms, max {most} ms", file=sys.stderr, flush=True)
    yield Figure("sse_p99_ms_2000x20", p99, "ms")


def _delays(bench: Bench, media: Media, program: list[str]) -> list[float]:
    """Percentiles 50, 99 and 100 in ms, by `program`, sse_readers.c compiled."""
    count = max(1, round(bench.rounds * bench.seconds * MESSAGES_PER_S))
    limit_s = count / MESSAGES_PER_S + SLACK_S
    token = token_for(ROOM, Purpose.WATCH)
    path = f"/rooms/{ROOM}/events?{urlencode({'token': token})}"
    words = [media.port, path, bench.readers, count, limit_s]
    with subprocess.Popen(
        [*program, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as readers:
        assert readers.stdout is not None
        if readers.stdout.readline() == "ready\n":
            _announce(media, count)
        said, complaint = readers.communicate(timeout=limit_s)
    if readers.returncode:
        raise ProgramFailed(f"{Path(program[-1]).name}: {complaint}")
    return [float(word) for word in said.split()]


def _announce(media: Media, count: int) -> None:
    """Announce lines of chat, each with the moment it was sent, at an even pace."""
    began = time.monotonic()
    for seq in range(1, count + 1):
        time.sleep(max(0.0, began + seq / MESSAGES_PER_S - time.monotonic()))
        media.announce(ROOM, chat(seq, f"T:{time.time_ns() // 1000};{TEXT}"))


def _pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)]


def _allow_open_files() -> None:
    """Readers and media inherit it; many systems begin with 1,024."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
