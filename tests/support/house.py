"""The running house: granian, a worker and a sandbox, on a database of its own."""

import os
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from flask import Flask

from sandbox.server import Endpoint, SandboxServer
from scripts.processes import LOCAL, Child, answers, free_port, start, stop_all
from scripts.run import ROOT, WEBHOOK_PATH, web_command
from tests.support.databases import NEUTRAL, SECRET, build_app, let_go

START_LIMIT_S = 20
SANDBOX_STATE = "stripe-sandbox.json"
STRIPE_KEY = "sk_test_house"
WEBHOOK_SECRET = "whsec_house"


class House:
    """What a browser test talks to; any process can be killed and started again."""

    def __init__(self, database_url: str, instance: Path) -> None:
        self.port = free_port()
        self.url = f"http://{LOCAL}:{self.port}"
        self.database_url = database_url
        self.instance = instance
        webhook = f"{self.url}{WEBHOOK_PATH}"
        self.sandbox = SandboxServer(
            state=instance / SANDBOX_STATE,
            endpoints=[Endpoint(STRIPE_KEY, webhook, WEBHOOK_SECRET)],
        )
        self.children: dict[str, Child] = {}

    def __enter__(self) -> "House":
        self.sandbox.start()
        try:
            self.start_web()
            self.start_worker()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    @cached_property
    def app(self) -> Flask:
        """An app on the same database, for what a test arranges or reads."""
        return build_app(self.database_url, self.instance, **self._settings())

    def start_web(self) -> None:
        """Start the web server and wait until it answers."""
        child = self._start("web", web_command(self.port))
        self._wait_until(child, lambda: answers(f"{self.url}/healthz"))

    def start_worker(self) -> None:
        """Start a worker."""
        self._start("worker", [sys.executable, "-m", "flask", "--app", "app", "worker"])

    def kill(self, name: str) -> None:
        """End `web` or `worker` at once, as a power cut would."""
        stop_all([self.children.pop(name)], patience_s=0)

    def log(self, name: str) -> str:
        """What `web` or `worker` has printed."""
        return self.children[name].log.read_text(errors="replace")

    def _start(self, name: str, command: list[str]) -> Child:
        child = start(
            name,
            command,
            env={
                **os.environ,
                **NEUTRAL,
                **self._settings(),
                "DATABASE_URL": self.database_url,
                "INSTANCE_PATH": str(self.instance),
                "PYTHONPATH": str(ROOT),
                "SECRET_KEY": SECRET,
            },
            cwd=ROOT,
            log=self.instance / f"{name}.log",
        )
        self.children[name] = child
        return child

    def _settings(self) -> dict[str, str]:
        return {
            "PUBLIC_URL": self.url,
            "STRIPE_API_BASE": self.sandbox.base_url,
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "TIANBO_DEMO": "1",
        }

    def _wait_until(self, child: Child, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not is_ready():
            if child.has_ended or time.monotonic() > deadline:
                raise RuntimeError(f"{child.name}: {child.last_lines(40)}")
            time.sleep(0.05)

    def _close(self) -> None:
        stop_all(self.children.values())
        self.sandbox.stop()
        if "app" in self.__dict__:
            let_go(self.app)
