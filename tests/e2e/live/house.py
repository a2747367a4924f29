"""The house with its media server beside it."""

import sys
from pathlib import Path

from scripts.processes import LOCAL, answers, free_port
from tests.support.house import House


class LiveHouse(House):
    """Rooms that move: the web tells the media server, which tells the readers."""

    def __init__(self, database_url: str, instance: Path) -> None:
        super().__init__(database_url, instance)
        self.media_port = free_port()
        self.media_url = f"http://{LOCAL}:{self.media_port}"

    def __enter__(self) -> "LiveHouse":
        super().__enter__()
        try:
            self.start_media()
        except BaseException:
            self._close()
            raise
        return self

    def start_media(self) -> None:
        """Start the media server and wait until it answers."""
        command = [sys.executable, "-m", "media", "--port", str(self.media_port)]
        child = self._start("media", command)
        self._wait_until(child, lambda: answers(f"{self.media_url}/healthz"))

    def _settings(self) -> dict[str, str]:
        return super()._settings() | {"MEDIA_URL": self.media_url}
