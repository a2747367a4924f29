"""`make run`: says where to go, minds its children, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import psutil
import pytest

from models.accounts import Account
from scripts.processes import LOCAL, answers, free_port
from scripts.run import ROOT
from tests.support.databases import NEUTRAL, build_app, copy_sqlite, let_go
from tests.support.people import writing

KEYS = ("secret_key", "stripe-sandbox-keys.json")


@pytest.fixture
def instance(sqlite_template: Path, tmp_path: Path) -> Path:
    """A folder whose database holds somebody, so that no demo is loaded."""
    app = build_app(copy_sqlite(sqlite_template, tmp_path / "tianbo.db"), tmp_path)
    with writing(app) as session:
        session.add(Account(phone="13900000000", name="王", password_hash="-"))
    let_go(app)
    return tmp_path


@contextmanager
def running(instance: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The supervisor as make starts it; ended at the latest here."""
    env = {name: value for name, value in os.environ.items() if name not in NEUTRAL}
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env={**env, "INSTANCE_PATH": str(instance), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


def test_it_says_where_to_go_and_ends_everything_when_asked(instance: Path) -> None:
    port = free_port()
    with running(instance, port) as supervisor:
        text = _read_until(supervisor, "Ctrl-C")
        family = psutil.Process(supervisor.pid).children(recursive=True)
        is_open = answers(f"http://{LOCAL}:{port}/healthz")
        began = time.monotonic()
        supervisor.send_signal(signal.SIGINT)
        code = supervisor.wait(timeout=10)

    assert f"http://{LOCAL}:{port}" in text
    assert "13800000001" in text
    assert is_open
    assert code == 0
    assert all(_is_private(instance / name) for name in KEYS)
    assert time.monotonic() - began < 5
    assert not [process for process in family if _lives(process)]


def test_a_crash_ends_the_rest_and_is_named(instance: Path) -> None:
    with running(instance, free_port()) as supervisor:
        _read_until(supervisor, "Ctrl-C")
        family = psutil.Process(supervisor.pid).children(recursive=True)
        [sandbox] = [each for each in family if "sandbox" in each.cmdline()]
        sandbox.kill()
        output, _ = supervisor.communicate(timeout=20)

    assert supervisor.returncode == 1
    assert "sandbox ended (exit -9)" in output
    assert "ready at" in output
    assert not [process for process in family if _lives(process)]


def test_a_taken_port_is_said_plainly(instance: Path) -> None:
    with socket() as server:
        server.bind((LOCAL, 0))
        server.listen()
        with running(instance, server.getsockname()[1]) as supervisor:
            output, _ = supervisor.communicate(timeout=20)

    assert supervisor.returncode == 1
    assert "is taken by another program" in output
    assert "Traceback" not in output


def _lives(process: psutil.Process) -> bool:
    """Not one that only waits for init to take note of its end."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


def _read_until(process: subprocess.Popen[str], mark: str) -> str:
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if mark in line:
            return text
    raise AssertionError(text)
