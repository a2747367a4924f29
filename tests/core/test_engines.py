"""How the house speaks to its databases."""

import time

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from core.database import CONNECT_S, engine_options

NOBODY = "postgresql+psycopg://nobody@192.0.2.1:5432/none"
"""An address of documentation (RFC 5737): nothing answers, nothing refuses."""


def test_a_server_that_does_not_answer_is_given_up_soon() -> None:
    engine = create_engine(NOBODY, **engine_options(NOBODY))
    started = time.monotonic()
    with pytest.raises(OperationalError):
        engine.connect()
    assert time.monotonic() - started < CONNECT_S + 3
    engine.dispose()


def test_only_postgresql_is_reached_over_the_net() -> None:
    assert engine_options(NOBODY)["connect_args"] == {"connect_timeout": CONNECT_S}
    assert "connect_timeout" not in engine_options("sqlite://")["connect_args"]
