"""`python -m media`: serve the rooms until told to stop."""

import argparse
import resource
import socket
import sys

import uvicorn

from core.config import load_settings
from core.logs import configure_logs
from media.app import create_app
from media.endpoints.authorization import NOT_GUESSED
from media.endpoints.events import TransportProtocol
from media.rooms import Rooms

PATIENCE_S = 5
HEARTBEAT_S = 5.0


class Server(uvicorn.Server):
    """Says goodbye to readers of events first: they would hold the server open."""

    def __init__(self, config: uvicorn.Config, rooms: Rooms) -> None:
        super().__init__(config)
        self._rooms = rooms

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ask every reader to come back soon, to whoever serves then."""
        for room in self._rooms:
            room.channel.fan_out.dismiss()
        await super().shutdown(sockets)


def main() -> int:
    asked = _arguments()
    configure_logs()
    _allow_open_files()
    app = create_app(load_settings(), asked.rtmp_pull.rstrip("/"))
    config = uvicorn.Config(
        app,
        host=asked.host,
        port=asked.port,
        http=TransportProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        # By uvicorn: no middleware sees its answers to what is broken or failed.
        headers=[*NOT_GUESSED.items()],
        ws_max_size=4 * 1024 * 1024,
        ws_ping_interval=HEARTBEAT_S,
        ws_ping_timeout=HEARTBEAT_S * 2,
        timeout_graceful_shutdown=PATIENCE_S,
        backlog=4096,
    )
    Server(config, app.state.rooms).run()
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
