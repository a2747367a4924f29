"""Tests here hold on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection

from core.database import db
from core.engines.sqlite import WRITING
from tests.support.raw_books import start_books


@pytest.fixture
def database_url(engine_url: str) -> str:
    """The database of `app`: each engine in turn."""
    return engine_url


@pytest.fixture
def sql(app: Flask) -> Iterator[Connection]:
    """A raw connection, in a transaction, with the books' first entry written."""
    with (
        app.app_context(),
        db.engine.connect().execution_options(**WRITING) as connection,
    ):
        start_books(connection)
        connection.commit()
        yield connection
        connection.rollback()
