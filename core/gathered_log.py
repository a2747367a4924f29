"""Lines of the log that are gathered and written together.

For answers that cost less than writing a line does: each write lets another thread
take the interpreter, and with eight of them the log took half of the page cache's
speed. Who kills the process loses the lines of the last moment, and nothing else.
"""

import atexit
import sys
import time
from collections import deque
from threading import Event, Lock, Thread

PAUSE_S = 0.05
MOST_WAITING = 100_000
"""When nothing can be written for long, the oldest lines are lost, not the process."""

_lines: deque[str] = deque(maxlen=MOST_WAITING)
_some = Event()
_starting = Lock()
_writers: list[Thread] = []


def add_line(line: str) -> None:
    """Have a line written to standard error, within PAUSE_S."""
    _lines.append(line)
    if not _writers:
        _start()
    if not _some.is_set():
        _some.set()


def write_lines() -> None:
    """Write what was gathered, at once."""
    waiting = [_lines.popleft() for _ in range(len(_lines))]
    if waiting:
        try:
            sys.stderr.write("\n".join([*waiting, ""]))
            sys.stderr.flush()
        except (OSError, ValueError):  # a full disk, a closed terminal
            return


def _start() -> None:
    with _starting:
        if not _writers:
            _writers.append(Thread(target=_write_for_good, name="log", daemon=True))
            _writers[0].start()
            atexit.register(write_lines)


def _write_for_good() -> None:
    while True:
        _some.wait()
        time.sleep(PAUSE_S)
        _some.clear()
        write_lines()
