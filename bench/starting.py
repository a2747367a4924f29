"""What it costs to start, and what a web process holds once it is warm."""

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.measurements import Bench, Figure, measures
from bench.shop import Server, fill_shelves, open_shop
from scripts.processes import free_port
from scripts.run import ROOT
from tests.support.databases import NEUTRAL, SECRET, migrate

PAGES = ("/", "/products", "/live", "/cart", "/account/login")
READ_IN_A_ROUND = 4
MEGABYTE = 1_000_000


@measures("cold_start_s")
def cold_start(bench: Bench) -> Iterator[Figure]:
    """Median time from starting granian until /healthz answers."""
    with bench.database() as url:
        times = [_start_once(url, bench.folder) for _ in range(bench.rounds)]
    yield Figure("cold_start_s", statistics.median(times), "s")


@measures("second_start_s")
def second_start(bench: Bench) -> Iterator[Figure]:
    """Median time of `make run`, once everything is installed and there is data.

    It counts from starting scripts/run.py until it says that the house is open.
    """
    instance = bench.folder / "instance"
    instance.mkdir()
    url = f"sqlite:///{instance / 'tianbo.db'}"
    migrate(url, instance)
    fill_shelves(url, instance, 1)
    times = [_run_once(instance) for _ in range(bench.rounds)]
    yield Figure("second_start_s", statistics.median(times), "s")


@measures("demo_load_s")
def demo_load(bench: Bench) -> Iterator[Figure]:
    """Time of `flask demo load`."""
    with bench.database() as url:
        env = {**os.environ, **NEUTRAL, "DATABASE_URL": url, "SECRET_KEY": SECRET}
        env |= {"INSTANCE_PATH": str(bench.folder), "TIANBO_DEMO": "1"}
        command = [sys.executable, "-m", "flask", "--app", "app", "demo", "load"]
        began = time.perf_counter()
        subprocess.run(command, check=True, cwd=ROOT, env=env, capture_output=True)
        yield Figure("demo_load_s", time.perf_counter() - began, "s")


@measures("worker_pss_mb")
def worker_memory(bench: Bench) -> Iterator[Figure]:
    """Proportional memory of the web worker after its public pages were read."""
    with bench.database() as url, open_shop(url, bench.folder) as shop:
        for _ in range(bench.rounds * READ_IN_A_ROUND):
            for page in PAGES:
                with urllib.request.urlopen(shop.url + page) as answer:
                    answer.read()
        pss = _pss_of_worker(shop)
    yield Figure("worker_pss_mb", pss / MEGABYTE, "MB")


def _start_once(url: str, folder: Path) -> float:
    began = time.perf_counter()
    with open_shop(url, folder):
        return time.perf_counter() - began


def _run_once(instance: Path) -> float:
    env = {name: value for name, value in os.environ.items() if name not in NEUTRAL}
    env |= {"INSTANCE_PATH": str(instance), "PORT": str(free_port())}
    began = time.perf_counter()
    house = subprocess.Popen(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with house:
        said = ""
        for line in house.stdout or ():
            said += line
            if line.startswith("Open "):
                break
        took = time.perf_counter() - began
        house.terminate()
        said += house.communicate()[0]
    if "Open " not in said:
        raise RuntimeError(said)
    return took


def _pss_of_worker(shop: Server) -> int:
    granian = psutil.Process(shop.child.process.pid)
    return max(int(child.memory_full_info().pss) for child in granian.children())
