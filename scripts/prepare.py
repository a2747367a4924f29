"""Bring the database up to date and fill an empty one with the demo district.

One process for what would be several commands, so that a second start of `make run`
is quick. Prints the demo logins; everything else goes to stderr.
"""

import contextlib
import os
import sys
import time
from urllib.parse import urlsplit

from flask.cli import ScriptInfo

from app import create_app
from scripts.processes import listens
from scripts.translations import compile_catalogue

SANDBOX_LIMIT_S = 20


def main() -> None:
    """Migrate, load the demo when nothing is there, print who can log in."""
    app = create_app()
    info = ScriptInfo(create_app=lambda: app)

    def flask(*arguments: str) -> None:
        app.cli.main(arguments, obj=info, standalone_mode=False)

    with contextlib.redirect_stdout(sys.stderr):
        compile_catalogue()
        flask("db", "upgrade")
        _wait_for_sandbox()
        flask("demo", "load", "--if-empty")
    flask("demo", "logins")


def _wait_for_sandbox() -> None:
    """The demo's payments are made there, if it is ours and has just been started."""
    port = urlsplit(os.environ.get("STRIPE_API_BASE", "")).port
    deadline = time.monotonic() + SANDBOX_LIMIT_S
    while port and not listens(port) and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    main()
