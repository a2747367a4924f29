"""The apps of a test process: each built once, lent to one test after the other."""

from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache

from tests.support.databases import build_app, let_go

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
        """Close what the lent apps hold, before their database goes."""
        for _key, app in self._lent:
            let_go(app)
        self._idle = [*self._lent, *self._idle]
        self._lent = []
        del self._idle[MOST_IDLE:]

    def _build(self, database_url: str, settings: dict[str, str]) -> Flask:
        app = build_app(database_url, self._instance, **settings)
        app.jinja_env.bytecode_cache = self._templates
        # Flask then refuses new routes and hooks: the next test would meet them.
        app._got_first_request = True
        return app
