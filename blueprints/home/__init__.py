"""The front page, preferences, and the health of the app."""

from blueprints.home.routes import bp

__all__ = ["bp"]
