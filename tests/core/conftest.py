"""An app for tests that write nothing, built once for each file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.databases import build_app, copy_sqlite, let_go, remove_sqlite


@pytest.fixture(scope="module")
def still_app(
    sqlite_template: Path, scratch: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The app on an empty database that the file's tests share and leave alone."""
    file = scratch / "still.db"
    app = build_app(copy_sqlite(sqlite_template, file), tmp_path_factory.mktemp("i"))
    yield app
    let_go(app)
    remove_sqlite(file)
