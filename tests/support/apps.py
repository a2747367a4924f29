"""The apps of a test process: each built once, lent to one test after the other."""

from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache

from tests.support.databases import build_app, let_go, rest

MOST_IDLE = 8

Key = tuple[str, tuple[tuple[str, str], ...]]


class AppPool:
    """Apps by database url and settings; building one takes 80 ms.

    What one test could leave to the next is its database, which the fixtures of
    `tests.conftest` replace, and what `take_back` clears.
    """

    def __init__(self, instance: Path, templates: BytecodeCache) -> None:
        self._instance = instance
        self._templates = templates
        self._idle: list[tuple[Key, Flask]] = []
        self._lent: list[tuple[Key, Flask]] = []

    def lend(self, database_url: str, **settings: str) -> Flask:
        """An app until `take_back`; a second one for who asks twice."""
        key = (database_url, tuple(sorted(settings.items())))
        entry = next((entry for entry in self._idle if entry[0] == key), None)
        if entry is None:
            entry = (key, self._build(database_url, settings))
        else:
            self._idle.remove(entry)
        self._lent.append(entry)
        return entry[1]

    def take_back(self) -> None:
        """Quieten the lent apps, before their database is emptied.

        PostgreSQL's stays, and so may the connections; SQLite's file is another then.
        """
        for key, app in self._lent:
            stays = app.testing and key[0].startswith("postgresql")
            rest(app) if stays else let_go(app)
        # Outside testing an app keeps pages of what its database held.
        fit = [entry for entry in self._lent if entry[1].testing]
        self._lent, self._idle = [], [*fit, *self._idle]
        while len(self._idle) > MOST_IDLE:
            let_go(self._idle.pop()[1])

    def close(self) -> None:
        """Close every connection."""
        for _key, app in self._idle:
            let_go(app)

    def _build(self, database_url: str, settings: dict[str, str]) -> Flask:
        app = build_app(database_url, self._instance, **settings)
        app.jinja_env.bytecode_cache = self._templates
        # Flask then refuses new routes and hooks: the next test would meet them.
        app._got_first_request = True
        return app
