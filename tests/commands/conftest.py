"""The command line of a house, on SQLite where no test asks for both engines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.support.carriers import Gateway, running_gateway
from tests.support.houses import furnish
from tests.support.workers import StartWorker, running_workers


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    """Run `flask` with these words."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


@pytest.fixture
def house(app: Flask) -> Path:
    """A house with books and a photo; its photo folder."""
    return furnish(app)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """Where the worker processes of a test send their text messages."""
    with running_gateway() as running:
        yield running


@pytest.fixture
def start_worker(app: Flask, gateway: Gateway, tmp_path: Path) -> Iterator[StartWorker]:
    """Start workers that send real text messages, to the gateway of this test."""
    settings = {"SMS_URL": gateway.url, "SMS_TOKEN": "secret"}
    with running_workers(app, tmp_path, settings) as start:
        yield start
