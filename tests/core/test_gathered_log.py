"""Gathered lines of the log: all of them, in their order, and never in the way."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import gathered_log
from core.gathered_log import add_line, write_lines

ROOT = Path(__file__).resolve().parents[2]
ENDING = """
from core.gathered_log import add_line
for number in range(1000): add_line(str(number))
"""

FULL = """
from core.gathered_log import add_line, write_lines
for number in range(3):
    add_line(str(number))
    write_lines()
print("going on", flush=True)
"""


def test_lines_are_written_by_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    add_line("first")
    add_line("second")
    deadline = time.monotonic() + 5
    said = ""
    while said != "first\nsecond\n" and time.monotonic() < deadline:
        time.sleep(0.01)
        said += capsys.readouterr().err

    assert said == "first\nsecond\n"


def test_threads_lose_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: add_line(str(number)), range(2000)))
        time.sleep(gathered_log.PAUSE_S)
    write_lines()

    deadline = time.monotonic() + 5
    said = ""
    while len(said.split()) < 2000 and time.monotonic() < deadline:
        said += capsys.readouterr().err
    assert sorted(map(int, said.split())) == list(range(2000))


def test_a_process_that_ends_has_written_all() -> None:
    command = [sys.executable, "-c", ENDING]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stderr.split() == [str(number) for number in range(1000)]


def test_a_full_disk_stops_nothing() -> None:
    command = [sys.executable, "-c", FULL]
    with Path("/dev/full").open("wb", buffering=0) as full:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=full, check=False
        )

    assert done.stdout == b"going on\n"


def test_lines_that_cannot_be_written_do_not_pile_up() -> None:
    assert gathered_log._lines.maxlen == gathered_log.MOST_WAITING
