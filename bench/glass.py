"""From the publisher's glass to the viewer's, and what a stream costs.

The wall clock's milliseconds are drawn into every frame as bars, sent by ffmpeg over
RTMP, and read back in Chromium from each frame that it shows.
"""

import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from bench.measurements import Bench, Figure, measures
from scripts.processes import LOCAL
from scripts.run import ROOT
from tests.support.browser import running_browser
from tests.support.little_web import running_little_web
from tests.support.publishing import (
    EVERY_SECOND,
    H264,
    PICTURE,
    SOUND,
    Ingest,
    Publisher,
    publish_key,
    running_ingest,
)

WIDTH, HEIGHT, FRAMES_S = 640, 360, 25
BARS, BAR_ROWS = 32, 40
WARM_UP_S = 5.0
STREAMS = 4
PAGE = "/bench/glass.html"
FILM_S = 20
BRIGHT, DARK, GREY = b"\xeb", b"\x10", b"\x80"


@measures("glass_to_glass_p50_s", "glass_to_glass_p95_s")
def glass_to_glass(bench: Bench) -> Iterator[Figure]:
    """Seconds from drawing a frame to showing it, over LL-HLS, in steady play."""
    lasts_s = max(8.0, bench.seconds * bench.rounds)
    with _ingest(bench.folder) as ingest, _bars(ingest), _site() as site:
        ingest.wait_for("glass", "#EXT-X-PART:")
        stream = f"{ingest.media.url}/rooms/glass/live.m3u8"
        delays = _watch(f"{site}{PAGE}?{stream}", lasts_s)
    cuts = statistics.quantiles(delays, n=20)
    yield Figure("glass_to_glass_p50_s", cuts[9], "s")
    yield Figure("glass_to_glass_p95_s", cuts[18], "s")


@measures("media_cpu_percent_per_stream")
def media_cpu(bench: Bench) -> Iterator[Figure]:
    """Share of a core that media and nginx take for a copied stream of 2 Mbit/s."""
    film = _film(bench.folder / "film.flv")
    with _ingest(bench.folder) as ingest:
        rooms = [f"room-{number}" for number in range(STREAMS)]
        publishers = [_loop(ingest, room, film) for room in rooms]
        try:
            for room in rooms:
                ingest.wait_for(room, "#EXT-X-PART:")
            time.sleep(min(WARM_UP_S, bench.seconds))
            share = _share_of_a_core(ingest, bench.seconds * bench.rounds)
        finally:
            for publisher in publishers:
                publisher.kill()
    yield Figure("media_cpu_percent_per_stream", 100 * share / STREAMS, "%")


@contextmanager
def _ingest(folder: Path) -> Iterator[Ingest]:
    with running_little_web() as web:
        web.open_room("glass")
        for number in range(STREAMS):
            web.open_room(f"room-{number}")
        with running_ingest(folder, web) as ingest:
            yield ingest


@contextmanager
def _bars(ingest: Ingest) -> Iterator[None]:
    """Publish bars that say when they were drawn."""
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}"]
    raw += ["-r", str(FRAMES_S), "-i", "pipe:0", "-re", *SOUND]
    command = ["ffmpeg", "-v", "error", "-fflags", "nobuffer", *raw, *H264]
    command += [*EVERY_SECOND, "-c:a", "aac", "-flush_packets", "1", "-f", "flv"]
    command.append(ingest.address("glass", publish_key("glass")))
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    stopping = threading.Event()
    drawing = threading.Thread(target=_draw, args=(process, stopping))
    drawing.start()
    try:
        yield
    finally:
        stopping.set()
        process.kill()
        drawing.join()
        process.communicate()


def _draw(process: "subprocess.Popen[bytes]", stopping: threading.Event) -> None:
    began, count = time.monotonic(), 0
    rest = GREY * WIDTH * (HEIGHT - BAR_ROWS)
    while not stopping.wait(max(0.0, began + count / FRAMES_S - time.monotonic())):
        stamp = int(time.time() * 1000) & 0xFFFFFFFF
        bars = (BRIGHT if stamp >> bit & 1 else DARK for bit in reversed(range(BARS)))
        row = b"".join(bar * (WIDTH // BARS) for bar in bars)
        if process.stdin is None:
            return
        try:
            process.stdin.write(row * BAR_ROWS + rest)
            process.stdin.flush()
        except BrokenPipeError:
            return
        count += 1


@contextmanager
def _site() -> Iterator[str]:
    """The repository's files over HTTP: the page that plays, and its player."""
    handler = partial(_Quiet, directory=str(ROOT))
    server = ThreadingHTTPServer((LOCAL, 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{LOCAL}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def _watch(url: str, lasts_s: float) -> list[float]:
    """Delays in seconds of the frames shown, once playing has settled."""
    with running_browser() as browser:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_function("delays.length > 0", timeout=20_000)
        page.wait_for_timeout(WARM_UP_S * 1000)
        page.evaluate("delays.length = 0")
        page.wait_for_timeout(lasts_s * 1000)
        delays: list[float] = page.evaluate("delays")
    if len(delays) < lasts_s * FRAMES_S / 2:
        raise RuntimeError(f"only {len(delays)} frames were shown in {lasts_s} s")
    return [delay / 1000 for delay in delays]


def _film(path: Path) -> Path:
    """A film at 2 Mbit/s, encoded before anything is measured."""
    picture = [word.replace("320x180", "1280x720") for word in PICTURE]
    rate = ["-b:v", "2M", "-maxrate", "2M", "-bufsize", "2M", "-t", str(FILM_S)]
    command = ["ffmpeg", "-v", "error", *picture, *SOUND, *H264, *EVERY_SECOND]
    subprocess.run([*command, *rate, "-c:a", "aac", str(path)], check=True)
    return path


def _loop(ingest: Ingest, room: str, film: Path) -> Publisher:
    source = ["-re", "-stream_loop", "-1", "-i", str(film), "-c", "copy"]
    return Publisher(ingest.address(room, publish_key(room)), source)


def _share_of_a_core(ingest: Ingest, lasts_s: float) -> float:
    """CPU seconds a second of the media server and of nginx with its worker."""
    heads = [psutil.Process(ingest.media.child.process.pid)]
    heads.append(psutil.Process(ingest.rtmp.process.pid))
    processes = [each for head in heads for each in (head, *head.children())]
    before = _cpu_s(processes)
    time.sleep(lasts_s)
    return (_cpu_s(processes) - before) / lasts_s


def _cpu_s(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)
