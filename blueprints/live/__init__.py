"""Live sessions: the public rooms and their talk, and the studio that runs them."""

from flask import Blueprint

bp = Blueprint("live", __name__)

from blueprints.live import rooms, stage, studio, talk  # noqa: E402

__all__ = ["bp", "rooms", "stage", "studio", "talk"]
