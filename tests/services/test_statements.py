"""Rows inserted past the ORM, on both engines."""

from core.database import transaction
from core.statements import insert_by_key
from models.alliances import Town


def test_what_was_taken_is_inserted_under_another_key() -> None:
    """As an order is whose random number somebody else has."""
    with transaction():
        assert insert_by_key([Town(name="苗山镇")], "name") == []
        first, second = Town(name="苗山镇"), Town(name="雪野镇")
        assert insert_by_key([first, second], "name") == [first]
        first.name = "口镇"
        assert insert_by_key([first], "name") == []

    assert first.id != second.id
