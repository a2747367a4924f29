"""`make run`: start every process of the house on this machine, and end them all.

Web, worker, payment sandbox and media server run as children; when one crashes the
others end too, with its last lines on the screen.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO

from scripts.processes import (
    LOCAL,
    Child,
    answers,
    free_port,
    is_free,
    listens,
    start,
    stop_all,
)
from scripts.rtmp_server import rtmp_server
from scripts.stripe_keys import load_keys

ROOT = Path(__file__).resolve().parent.parent
WEBHOOK_PATH = "/payments/stripe/default/webhook"
RTMP_PORT = 1935
START_LIMIT_S = 30
LEFT_BEHIND = ("secret_key", "tianbo.db")
THREADS = "8"
PYTHON = (sys.executable, "-m")


class CannotRun(Exception):
    """Why the house does not stand; its text is for the person at the screen."""


class House:
    """The running children, in the order they were started."""

    def __init__(self, port: int, instance: Path) -> None:
        self.url = f"http://{LOCAL}:{port}"
        self.port = port
        self.media_port = free_port(port + 2)
        self.instance = instance
        self.children: list[Child] = []
        self.ornaments: list[Child] = []
        self.env = {
            **os.environ,
            "TIANBO_DEMO": "1",
            "INSTANCE_PATH": str(instance),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        self.env.setdefault("PUBLIC_URL", self.url)

    def open(self) -> str:
        """Start everything; returns the demo logins once the shop answers.

        Where the house stood before, web loads while the database is looked at.
        """
        if not self.env.get("STRIPE_SECRET_KEY"):
            self._start_sandbox()
        self._start_media()
        stood_before = all((self.instance / name).exists() for name in LEFT_BEHIND)
        if stood_before:
            self._start_web()
        logins = self._prepare()
        if not stood_before:
            self._start_web()
        self._start_film()
        self._start("worker", [*PYTHON, "flask", "--app", "app", "worker"])
        self._wait_until(lambda: answers(f"{self.url}/healthz"))
        self._wait_until(lambda: listens(self.media_port))
        return logins

    def watch(self) -> None:
        """Return only by CannotRun: when a child has ended, all must."""
        while True:
            self._refuse_crashed()
            for child in (*self.children, *self.ornaments):
                child.rotate_log()
            time.sleep(0.2)

    def _start(
        self, name: str, command: list[str], *, among: list[Child] | None = None
    ) -> None:
        child = start(
            name,
            command,
            env=self.env,
            cwd=ROOT,
            log=self.instance / "logs" / f"{name}.log",
        )
        (self.children if among is None else among).append(child)

    def _start_film(self) -> None:
        """The running session's moving picture; the house stands without it."""
        command = [*PYTHON, "flask", "--app", "app", "demo", "stream"]
        self._start("film", command, among=self.ornaments)

    def _start_web(self) -> None:
        self._start("web", web_command(self.port))

    def _start_sandbox(self) -> None:
        port = free_port(self.port + 1)
        keys = load_keys(self.instance / "stripe-sandbox-keys.json")
        webhook = f"{self.url}{WEBHOOK_PATH}"
        self.env["STRIPE_API_BASE"] = f"http://{LOCAL}:{port}"
        self.env["STRIPE_SECRET_KEY"] = keys.api_key
        self.env["STRIPE_WEBHOOK_SECRET"] = keys.webhook_secret
        self._start(
            "sandbox",
            [*PYTHON, "sandbox", "--port", str(port)]
            + ["--state", str(self.instance / "stripe-sandbox.json")]
            + ["--endpoint", f"{keys.api_key}={webhook}={keys.webhook_secret}"],
        )

    def _start_media(self) -> None:
        """Without nginx-rtmp on the machine, hosts broadcast from their browser."""
        port = self.media_port
        self.env["MEDIA_URL"] = f"http://{LOCAL}:{port}"
        self.env["WEB_INTERNAL_URL"] = self.url
        command = [*PYTHON, "media", "--port", str(port)]
        ports = free_port(RTMP_PORT), free_port(port + 1), port
        rtmp = rtmp_server(self.instance / "rtmp", *ports)
        if rtmp is not None:
            self.env["RTMP_URL"] = rtmp.url
            self._start("rtmp", rtmp.command)
            command += ["--rtmp-pull", rtmp.url]
        self._start("media", command)

    def _prepare(self) -> str:
        command = [*PYTHON, "scripts.prepare"]
        prepared = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        if prepared.returncode:
            raise CannotRun("the database could not be made ready, see above")
        return prepared.stdout

    def _wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not is_ready():
            self._refuse_crashed()
            if time.monotonic() > deadline:
                raise CannotRun(f"no answer after {START_LIMIT_S} s, see instance/logs")
            time.sleep(0.05)

    def _refuse_crashed(self) -> None:
        for child in self.children:
            if child.has_ended:
                raise CannotRun(
                    f"{child.name} ended (exit {child.process.returncode}). "
                    f"Its last lines, from {child.log}:\n\n{child.last_lines()}"
                )


def web_command(port: int, app: str = "app:app") -> list[str]:
    """The web server: one process, as many threads as the database pool has places."""
    return [
        *(*PYTHON, "granian", "--interface", "wsgi", "--host", LOCAL),
        *("--port", str(port), "--workers", "1"),
        *("--blocking-threads", THREADS, "--workers-kill-timeout", "1"),
        app,
    ]


def main() -> int:
    """Run until interrupted (0) or until something breaks (1)."""
    _on_signals(_interrupt)
    instance = Path(os.environ.get("INSTANCE_PATH") or ROOT / "instance")
    house = None
    try:
        with _only_one(instance):
            house = House(_chosen_port(), instance)
            _welcome(house, house.open())
            house.watch()
    except CannotRun as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnding ...")
    finally:
        _on_signals(signal.SIG_IGN)
        stop_all([*house.children, *house.ornaments] if house else [])
    return 0


def _chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {text!r}.")
    if not is_free(int(text)):
        raise CannotRun(
            f"Port {text} is taken by another program. "
            f"End that one, or choose another port: PORT=8080 make run"
        )
    return int(text)


def _only_one(instance: Path) -> IO[str]:
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (instance / "run.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotRun("`make run` is already running in this folder.") from None
    return lock


def _welcome(house: House, logins: str) -> None:
    print(f"\nOpen {house.env['PUBLIC_URL']}\n")
    print(logins.rstrip())
    print(f"\nLogs: {house.instance / 'logs'}   Ctrl-C ends everything.", flush=True)


def _on_signals(action: Callable[[int, FrameType | None], None] | int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
