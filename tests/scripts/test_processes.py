"""Children that end when they are told to, when they must, and when we die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from socket import socket

import psutil

from scripts.processes import LOCAL, free_port, is_free, listens, start, stop_all

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "60"])
print("ready", flush=True)
time.sleep(60)
"""
PARENT = """
import sys, time
from pathlib import Path
from scripts.processes import start
folder = Path(sys.argv[1])
child = start("child", ["sleep", "60"], env={}, cwd=folder, log=folder / "child.log")
print(child.process.pid, flush=True)
time.sleep(60)
"""
ROOT = Path(__file__).resolve().parents[2]


def test_a_child_that_ignores_the_request_is_killed_with_its_own_children(
    tmp_path: Path,
) -> None:
    log = tmp_path / "stubborn.log"
    child = start(
        "stubborn", [sys.executable, "-c", STUBBORN], env={}, cwd=tmp_path, log=log
    )
    _wait_for(lambda: "ready" in log.read_text())
    [grandchild] = psutil.Process(child.process.pid).children()

    stop_all([child], patience_s=0.2)

    assert child.process.returncode == -signal.SIGKILL
    _wait_for(lambda: not _is_running(grandchild.pid))


def test_a_child_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout
        child_pid = int(parent.stdout.readline())
        parent.kill()

    _wait_for(lambda: not _is_running(child_pid))


def test_the_last_lines_say_why_a_child_ended(tmp_path: Path) -> None:
    child = start(
        "echo", ["echo", "no such table"], env={}, cwd=tmp_path, log=tmp_path / "log"
    )
    child.process.wait()

    assert child.has_ended
    assert child.last_lines() == "no such table"


def test_a_log_is_cut_when_it_has_grown_too_long(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    command = ["sh", "-c", "while read line; do echo $line; done"]
    go_on = tmp_path / "lines"
    os.mkfifo(go_on)
    command[2] += f" < {go_on}"
    child = start("web", command, env={}, cwd=tmp_path, log=log)
    with go_on.open("w") as lines:
        print("x" * 200, file=lines, flush=True)
        _wait_for(lambda: log.stat().st_size > 200)
        child.rotate_log(largest=1_000)
        assert log.stat().st_size > 200
        child.rotate_log(largest=100)
        print("after", file=lines, flush=True)
        _wait_for(lambda: log.read_text() == "after\n")
    child.process.wait()

    assert child.last_lines() == f"{'x' * 200}\nafter"
    assert sorted(path.name for path in tmp_path.glob("web*")) == [
        "web.log",
        "web.log.1",
    ]


def test_a_port_in_use_is_seen_and_avoided() -> None:
    with socket() as server:
        server.bind((LOCAL, 0))
        server.listen()
        port = int(server.getsockname()[1])

        assert listens(port)
        assert not is_free(port)
        assert free_port(port) != port
    assert not listens(port)


def _is_running(pid: int) -> bool:
    if not psutil.pid_exists(pid):
        return False
    return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
