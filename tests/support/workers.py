"""`flask worker` as processes of a test."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from flask import Flask

from tests.support.databases import NEUTRAL, SECRET

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60

StartWorker = Callable[..., Popen[bytes]]
"""Takes further words of the command."""


@contextmanager
def running_workers(
    app: Flask, instance: Path, settings: Mapping[str, str]
) -> Iterator[StartWorker]:
    """Start workers on the database of `app`; all are killed in the end."""
    started: list[Popen[bytes]] = []
    env = {
        **os.environ,
        **NEUTRAL,
        "DATABASE_URL": app.config["TIANBO"].database_url,
        "INSTANCE_PATH": str(instance),
        "SECRET_KEY": SECRET,
        **settings,
    }

    def start(*words: str) -> Popen[bytes]:
        command = [sys.executable, "-m", "flask", "--app", "app", "worker", *words]
        process = Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.wait()
