"""What one web process costs: time until it answers, memory once it is warm."""

import statistics
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.measurements import Bench, Figure, measures
from tests.support.house import House

STARTS = 5
PAGES = ("/", "/products", "/live", "/cart", "/account/login")
ROUNDS = 20
MEGABYTE = 1_000_000


@measures("cold_start_s")
def cold_start(bench: Bench) -> Iterator[Figure]:
    """Median time from starting granian until /healthz answers."""
    with bench.database() as url:
        times = [_start_once(url, bench.folder) for _ in range(STARTS)]
    yield Figure("cold_start_s", statistics.median(times), "s")


@measures("worker_pss_mb")
def worker_memory(bench: Bench) -> Iterator[Figure]:
    """Proportional memory of the web worker after its public pages were read."""
    with bench.database() as url, House(url, bench.folder) as house:
        for _ in range(ROUNDS):
            for page in PAGES:
                urllib.request.urlopen(house.url + page).read()
        pss = _pss_of_worker(house)
    yield Figure("worker_pss_mb", pss / MEGABYTE, "MB")


def _start_once(url: str, folder: Path) -> float:
    house = House(url, folder)
    began = time.perf_counter()
    try:
        house.start_web()
        return time.perf_counter() - began
    finally:
        house.kill("web")


def _pss_of_worker(house: House) -> int:
    granian = psutil.Process(house.children["web"].process.pid)
    return max(int(child.memory_full_info().pss) for child in granian.children())
