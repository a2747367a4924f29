"""Live sessions: the public rooms, and the studio that plans and runs them."""

from flask import Blueprint

bp = Blueprint("live", __name__)

from blueprints.live import rooms, studio  # noqa: E402

__all__ = ["bp", "rooms", "studio"]
