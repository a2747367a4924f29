"""The sandbox as a server: in a thread for tests, in the foreground for `make run`."""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.api import create_api
from sandbox.control_api import create_control_api
from sandbox.controls import Controls
from sandbox.hosted import create_hosted_pages
from sandbox.state import StateFile
from sandbox.timekeeper import Timekeeper
from sandbox.world import World

_LIVE_PREFIXES = ("sk_live_", "rk_live_")


@dataclass(frozen=True)
class Endpoint:
    """Where the events of the account of `key` go, signed with `secret`."""

    key: str
    url: str
    secret: str


class SandboxServer:
    """A sandbox on a port of this machine.

    >>> with SandboxServer(port=0) as sandbox:
    ...     sandbox.base_url
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        state: Path | None = None,
        endpoints: Iterable[Endpoint] = (),
        merchants: dict[str, str] | None = None,
    ) -> None:
        """port: 0 takes a free one. state: file that survives restarts.

        endpoints: webhooks known from the start. merchants: names by secret key.
        Raises LiveKeyPresent beside a live key, OSError when the port is taken,
        ValueError when `state` is not a state file.
        """
        refuse_live_keys(os.environ)
        self.world = World(names=merchants or {})
        self.controls = Controls(self.world)
        self._server = _listen(self.world, host, port)
        self.base_url = f"http://{host}:{self._server.port}"
        self.world.public_url = self.base_url
        self._state = None if state is None else StateFile(self.world, state)
        try:
            self._prepare(endpoints)
        except Exception:
            self._server.server_close()
            raise
        self._timekeeper = Timekeeper(self.world, self._save)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        """Serve in a thread of this process."""
        self.world.deliveries.start()
        self._timekeeper.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, and save the state if there is a file for it."""
        self._server.shutdown()
        self._thread.join(timeout=1)
        self._server.server_close()
        self._timekeeper.stop()
        self.world.deliveries.stop()
        self._save()

    def drain(self, timeout_s: float = 5) -> bool:
        """Wait until every webhook has been accepted; False if time ran out."""
        return self.world.deliveries.drain(timeout_s)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _prepare(self, endpoints: Iterable[Endpoint]) -> None:
        """Endpoints come first: the state may hold deliveries that wait for them."""
        for endpoint in endpoints:
            self.controls.add_endpoint(endpoint.key, endpoint.url, endpoint.secret)
        if self._state is not None:
            self._state.load()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def _save(self) -> None:
        if self._state is not None:
            self._state.save_if_changed()


class LiveKeyPresent(RuntimeError):
    """A live Stripe key is at hand; the sandbox refuses to start beside it."""


def refuse_live_keys(values: Mapping[str, str]) -> None:
    """Raise LiveKeyPresent, naming the place, if any value is a live key.

    values: environment variables or flags by name; the key itself is never shown.
    """
    for name, value in values.items():
        if value.strip().startswith(_LIVE_PREFIXES):
            raise LiveKeyPresent(
                f"sandbox: {name} holds a live Stripe key; the sandbox does not run "
                "beside live keys. Unset it or use a test key (sk_test_…)."
            )


def create_sandbox_app(world: World) -> Flask:
    """A WSGI application that serves `world`: Stripe's API, pages, controls."""
    app = Flask(__package__, static_url_path="/assets")
    app.register_blueprint(create_api(world))
    app.register_blueprint(create_hosted_pages(world))
    app.register_blueprint(create_control_api(Controls(world)))
    return app


class _QuietHandler(WSGIRequestHandler):
    """`/_control/requests` lists the requests; the terminal stays quiet."""

    # Headers and body leave in separate writes; Nagle would hold the second back.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


def _listen(world: World, host: str, port: int) -> BaseWSGIServer:
    """Bind the port; werkzeug itself would end the process when it is taken."""
    app = create_sandbox_app(world)
    try:
        return make_server(
            host, port, app, threaded=True, request_handler=_QuietHandler
        )
    except SystemExit as error:
        raise OSError(f"port {port} of {host} is taken") from error
