"""Logging in and out, and a person's own pages."""

from blueprints.accounts.routes import bp

__all__ = ["bp"]
