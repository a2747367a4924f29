"""The shop's pages beside django-oscar's: same machine, same Python, one worker each.

Oscar is installed from the package index into an environment that ends with the
measurement, and listed, shown and asked as this shop is: as many products, as many on
a page, without photos, for a visitor without a session, SQLite, granian.
"""

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bench.comparing import median_ratio
from bench.measurements import Bench, Figure, measures
from bench.pages import A_SESSION
from bench.programs import requests_per_second
from bench.shop import Server, fill_shelves, open_shop, serving
from scripts.run import ROOT

PINS = Path(__file__).with_name("oscar.txt")
INSTALL_LIMIT_S = 600
OURS = {"list": "/products", "product": "/products/mishu-1"}
ITS = {"list": "/catalogue/", "product": "/catalogue/sweet-potato-1_1/"}


class NoPeer(Exception):
    """Oscar cannot be installed here."""


@dataclass(frozen=True)
class Peer:
    """An environment with Oscar, and a folder with its database."""

    python: Path
    folder: Path

    def open(self, *, counts: bool = True) -> AbstractContextManager[Server]:
        """Its web process, as ours is started.

        counts: whether it writes down who looked at what, as it does by itself.
        """
        settings = {"OSCAR_FOLDER": str(self.folder)}
        settings["OSCAR_COUNTS"] = "yes" if counts else "no"
        python = str(self.python)
        return serving("bench.oscar_shop:app", "/up", self.folder, settings, python)


@measures(
    "catalogue_vs_oscar",
    "product_vs_oscar",
    "product_vs_oscar_not_counting",
    "catalogue_cached_vs_oscar",
    "catalogue_cold_vs_oscar",
    "product_cold_vs_oscar",
)
def beside_oscar(bench: Bench) -> Iterator[Figure]:
    """A list and a product, rendered each time; the list from the page cache; and the
    first list and the first product that a process which just started shows.
    """
    try:
        peer = install(bench.folder / "oscar", bench.products)
    except NoPeer as problem:
        print(f"django-oscar cannot be installed here: {problem}", file=sys.stderr)
        return
    with bench.database() as url:
        fill_shelves(url, bench.folder, bench.products)
        ours = partial(open_shop, url, bench.folder)
        with ours() as shop, peer.open() as oscar:
            _look_once(oscar)
            catalogue = _warm(bench, shop, oscar, "list")
            yield Figure("catalogue_vs_oscar", catalogue)
            yield Figure("product_vs_oscar", _warm(bench, shop, oscar, "product"))
            with peer.open(counts=False) as plain:
                calm = _warm(bench, shop, plain, "product")
            yield Figure("product_vs_oscar_not_counting", calm)
            cached = _warm(bench, shop, oscar, "list", cookie="")
        yield Figure("catalogue_cached_vs_oscar", cached)
        for name, page in (("catalogue", "list"), ("product", "product")):
            cold = _first_s(bench, peer.open, ITS[page]) / _first_s(
                bench, ours, OURS[page]
            )
            yield Figure(f"{name}_cold_vs_oscar", cold)


def install(folder: Path, products: int) -> Peer:
    """Oscar and its filled shop below `folder`. Raises NoPeer."""
    python = folder / "venv/bin/python"
    (folder / "media").mkdir(parents=True)
    _run([sys.executable, "-m", "venv", str(folder / "venv")])
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    _run([*pip, "-r", str(PINS), f"granian=={version('granian')}"])
    _run([str(python), "-m", "bench.oscar_shop", str(products)], folder)
    return Peer(python, folder)


def _run(command: list[str], oscar_folder: Path | None = None) -> None:
    env = os.environ | ({"OSCAR_FOLDER": str(oscar_folder)} if oscar_folder else {})
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_LIMIT_S,
    )
    if done.returncode:
        raise NoPeer(" ".join(done.stderr.strip().splitlines()[-2:]))


def _look_once(oscar: Server) -> None:
    """Its first pages write to its database, and several at once would fail."""
    for page in ITS.values():
        with urllib.request.urlopen(oscar.url + page) as answer:
            answer.read()


def _warm(
    bench: Bench, shop: Server, oscar: Server, page: str, cookie: str = A_SESSION
) -> float:
    return median_ratio(
        bench,
        lambda _round: requests_per_second(
            shop.url + OURS[page], bench.seconds, cookie
        ),
        lambda _round: requests_per_second(oscar.url + ITS[page], bench.seconds),
    )


def _first_s(
    bench: Bench, start: Callable[[], AbstractContextManager[Server]], page: str
) -> float:
    """Median time of a page that is the first which its process shows."""
    return statistics.median(_once(start, page) for _ in range(bench.rounds))


def _once(start: Callable[[], AbstractContextManager[Server]], page: str) -> float:
    with start() as server:
        began = time.perf_counter()
        with urllib.request.urlopen(server.url + page) as answer:
            answer.read()
        return time.perf_counter() - began
