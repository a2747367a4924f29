"""Flask-Migrate, loaded when a migration runs: a web process never needs Alembic."""

from pathlib import Path
from typing import Any

from flask import Flask

from core.database import db

NAME = "migrate"


class LateMigrate:
    """Stands where Flask-Migrate looks for itself, and steps aside when it does."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, attribute: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=str(Path(self._app.root_path) / "migrations"))
        return getattr(self._app.extensions[NAME], attribute)


def init_migrations(app: Flask) -> None:
    """Let `flask db` and Flask-Migrate's functions work on `app`."""
    app.extensions[NAME] = LateMigrate(app)
