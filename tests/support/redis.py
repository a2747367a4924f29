"""A Redis server of our own, on a free port, keeping nothing."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.processes import LOCAL, free_port, listens, start, stop_all

START_LIMIT_S = 10


@contextmanager
def running_redis(folder: Path, port: int = 0) -> Iterator[str]:
    """Start it in `folder`, on `port` or any that is free; yields its url."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    child = start(
        "redis",
        ["redis-server", "--port", str(port), "--bind", LOCAL]
        + ["--save", "", "--appendonly", "no", "--dir", str(folder)],
        env={"PATH": os.defpath},
        cwd=folder,
        log=folder / "redis.log",
    )
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while not listens(port):
            if child.has_ended or time.monotonic() > deadline:
                raise RuntimeError(child.last_lines())
            time.sleep(0.02)
        yield f"redis://{LOCAL}:{port}/0"
    finally:
        stop_all([child], patience_s=1)
