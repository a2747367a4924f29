"""Pages that only the demo has."""

from blueprints.demo.routes import bp

__all__ = ["bp"]
