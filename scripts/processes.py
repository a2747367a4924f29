"""Child processes that end when we do, and the little we ask of their ports."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from core.processes import die_with_parent

LOCAL = "127.0.0.1"
LARGEST_LOG = 10 * 1024 * 1024


@dataclass(frozen=True)
class Child:
    """A running process in a process group of its own, writing to `log`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def last_lines(self, count: int = 20) -> str:
        """The end of its log."""
        logs = [log for log in (_older(self.log), self.log) if log.exists()]
        lines = "".join(log.read_text(errors="replace") for log in logs).splitlines()
        return "\n".join(lines[-count:])

    def rotate_log(self, largest: int = LARGEST_LOG) -> None:
        """Move a log that has grown too long aside, over the one moved before.

        The child keeps its file open, so what it holds is copied and then cut off; a
        line written between the two is lost.
        """
        if self.log.stat().st_size > largest:
            shutil.copyfile(self.log, _older(self.log))
            os.truncate(self.log, 0)


def start(
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    user: str | None = None,
) -> Child:
    """Start `command`, as `user` if named; the kernel ends it should we die."""
    log.parent.mkdir(parents=True, exist_ok=True)
    for old in (log, _older(log)):
        old.unlink(missing_ok=True)
    # Appending: after a rotation the next line stands at the beginning.
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user and pwd.getpwnam(user).pw_gid,
            extra_groups=[] if user else None,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one C call, takes no lock
        )
    return Child(name, process, log)


def stop_all(children: Iterable[Child], patience_s: float = 2.0) -> None:
    """Ask every process group to end, and kill those that do not."""
    children = list(children)
    for child in children:
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    for child in children:
        try:
            child.process.wait(max(0.01, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            continue
    for child in children:
        _signal_group(child, signal.SIGKILL)
        child.process.wait()


def free_port(preferred: int = 0) -> int:
    """`preferred` if nobody listens there, else any free port of this machine."""
    return preferred if preferred and is_free(preferred) else _any_port()


def is_free(port: int) -> bool:
    """Whether a server could listen on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCAL, port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether a server accepts connections on `port`."""
    try:
        socket.create_connection((LOCAL, port), timeout=1).close()
    except OSError:
        return False
    return True


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds at once."""
    try:
        with urlopen(url, timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


def _older(log: Path) -> Path:
    return log.with_name(f"{log.name}.1")


def _signal_group(child: Child, number: int) -> None:
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return
