"""`python -m media`: serve the rooms until told to stop."""

import argparse
import resource
import sys
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from core.config import load_settings
from core.logs import configure_logs
from media import events
from media.app import create_app
from media.events.wire import WireProtocol

PATIENCE_S = 5
HEARTBEAT_S = 5.0


class Server(uvicorn.Server):
    """Says goodbye to readers of events first: they would hold the server open."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called by the first signal to stop."""
        events.say_goodbye(self._app)
        super().handle_exit(sig, frame)


def main() -> int:
    """Serve; 0 when ended by a signal."""
    asked = _arguments()
    configure_logs()
    _allow_open_files()
    app = create_app(load_settings(), asked.rtmp_pull.rstrip("/"))
    config = uvicorn.Config(
        app,
        host=asked.host,
        port=asked.port,
        http=WireProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_max_size=4 * 1024 * 1024,
        ws_ping_interval=HEARTBEAT_S,
        ws_ping_timeout=HEARTBEAT_S * 2,
        timeout_graceful_shutdown=PATIENCE_S,
        backlog=4096,
    )
    Server(config, app).run()
    return 0


def _allow_open_files() -> None:
    """A reader is an open file: many systems begin with 1,024 and admit more."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="media", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--rtmp-pull", default="", metavar="rtmp://HOST:PORT/APP")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
