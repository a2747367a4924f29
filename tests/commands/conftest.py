"""The command line of a house, on SQLite where no test asks for both engines."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.support.houses import furnish


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Run `flask` with these words."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


@pytest.fixture
def house(app: Flask) -> Path:
    """A house with books and a photo; its photo folder."""
    return furnish(app)
