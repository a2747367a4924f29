"""`flask` commands."""

from flask import Flask


def register_commands(app: Flask) -> None:
    """Make every command known to `flask`."""
