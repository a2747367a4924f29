"""Bring the database up to date and fill an empty one with the demo district.

One process for what would be three `flask` commands, so that a second start of
`make run` is quick. Prints the demo logins; everything else goes to stderr.
"""

import contextlib
import sys

from flask.cli import ScriptInfo

from app import create_app


def main() -> None:
    """Migrate, load the demo when nothing is there, print who can log in."""
    app = create_app()
    info = ScriptInfo(create_app=lambda: app)

    def flask(*arguments: str) -> None:
        app.cli.main(arguments, obj=info, standalone_mode=False)

    with contextlib.redirect_stdout(sys.stderr):
        flask("db", "upgrade")
        flask("demo", "load", "--if-empty")
    flask("demo", "logins")


if __name__ == "__main__":
    main()
