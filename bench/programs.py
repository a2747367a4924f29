"""The compiled programs that measurements lean on: a Python one would measure itself.

Each is found or made before the clock starts; one that fails ends the measurement.
"""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bench.measurements import Bench
from tests.support.postgresql import postgresql_binaries

HERE = Path(__file__).resolve().parent
ORDER = HERE / "order.sql"
CLIENTS = 8
SLACK_S = 60


class ProgramFailed(Exception):
    """A program ended badly; its text is what it said."""


def compiled(source: str, folder: Path, *libraries: str) -> Path:
    """Compile bench/`source` into `folder`; returns the program."""
    program = folder / Path(source).stem
    link = [f"-l{library}" for library in libraries]
    _run(["cc", "-O2", "-o", str(program), str(HERE / source), *link], SLACK_S)
    return program


def requests_per_second(url: str, seconds: float, cookie: str = "") -> float:
    """GETs of `url` per second by wrk, as a browser asks; every answer a 2xx or 3xx."""
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{max(1, round(seconds))}s", url]
    command += ["--timeout", f"{SLACK_S}s"]  # a slow answer is an answer
    command += ["-H", "Accept-Encoding: gzip, deflate, br, zstd"]
    if cookie:
        command += ["-H", f"Cookie: {cookie}"]
    said = _run(command, seconds + SLACK_S)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not found or "Non-2xx" in said or "Socket errors" in said:
        raise ProgramFailed(said)
    return float(found[1])


def purchases(program: Path, port: int, bench: Bench, number: int) -> float:
    """Checkouts per second over HTTP by `program`, buyers.c compiled.

    number: of the round; request ids hold it, and so do the buyers' addresses.
    """
    words = [port, CLIENTS, bench.seconds, bench.products, number]
    return _rate(_run([str(program), *map(str, words)], bench.seconds + SLACK_S))


def flash_sale(
    program: Path, port: int, at_once: int, buyers: int, first: int
) -> list[float]:
    """What `program`, flash.c compiled, says of a sale to `buyers` from `first` on.

    Winners, those told that it is sold out, answers of 5xx, seconds, and the 99th
    percentile of a winner's.
    """
    words = map(str, (program, port, at_once, buyers, first))
    return [float(word) for word in _run(list(words), 4 * SLACK_S).split()]


def sqlite_limit(program: Path, url: str, bench: Bench, **values: str) -> float:
    """The writes of order.sql per second by `program`, sqlite_limit.c compiled."""
    words = [str(program), url.removeprefix("sqlite:///"), str(ORDER)]
    said = [f"{name}={value}" for name, value in values.items()]
    return _rate(_run([*words, str(bench.seconds), *said], bench.seconds + SLACK_S))


def postgresql_limit(
    url: str, bench: Bench, script: Path = ORDER, /, **values: str
) -> float:
    """The writes of order.sql per second by pgbench, a client for every buyer."""
    parts = urlsplit(url)
    [host] = parse_qs(parts.query)["host"]
    said = [f"-D{name}={value}" for name, value in values.items()]
    command = [str(postgresql_binaries() / "pgbench"), "-n", "-Mprepared"]
    command += ["-h", host, "-U", str(parts.username), f"-c{CLIENTS}", "-j2"]
    command += [f"-T{max(1, round(bench.seconds))}", "-f", str(script), *said]
    answer = _run([*command, parts.path.lstrip("/")], bench.seconds + SLACK_S)
    found = re.search(r"tps = ([\d.]+)", answer)
    failed = re.search(r"number of failed transactions: (\d+)", answer)
    if not found or (failed and int(failed[1])):
        raise ProgramFailed(answer)
    return float(found[1])


def _rate(said: str) -> float:
    count, seconds = said.split()
    return int(count) / float(seconds)


def _run(command: Sequence[str], limit_s: float) -> str:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=limit_s
    )
    if done.returncode:
        raise ProgramFailed(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout
