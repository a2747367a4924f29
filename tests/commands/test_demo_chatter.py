"""A newcomer to the demo finds people talking in the running session."""

from datetime import timedelta

import pytest
from flask import Flask

from commands.demo.on_air import LINES, let_people_talk
from core import clock
from core.access import NOBODY
from core.clock import millis, now
from core.database import forget_reads, transaction
from queries.live.chat import ChatLine
from queries.live.rooms import get_room
from tests.support.factories import Goods, Person, Place
from tests.support.studio import make_room


@pytest.fixture
def talk(context: Flask, place: Place, alice: Person, goods: Goods) -> list[ChatLine]:
    """What is said in a session that Alice began 35 minutes ago."""
    begun = now() - timedelta(minutes=35)
    with transaction():
        with clock.at(begun):
            session = make_room(place, alice, goods)
        let_people_talk(session, begun)
        slug = session.slug
    forget_reads()
    return list(get_room(NOBODY, slug).chat)


def test_every_line_is_heard_as_it_was_written(talk: list[ChatLine]) -> None:
    assert [line.text for line in talk] == [text for _who, text in LINES]


def test_the_host_answers_under_the_masked_name(
    talk: list[ChatLine], alice: Person
) -> None:
    answers = [
        line for line, (who, _text) in zip(talk, LINES, strict=True) if who == "host"
    ]

    assert {line.name for line in answers} == {f"{alice.name[0]}**"}
    assert len({line.author for line in answers}) == 1


def test_guests_stay_themselves(talk: list[ChatLine]) -> None:
    authors = {line.name: line.author for line in talk}

    assert all(line.author == authors[line.name] for line in talk)
    assert len(set(authors.values())) == len({who for who, _text in LINES})


def test_it_has_all_been_said_by_now(talk: list[ChatLine]) -> None:
    times = [line.at_ms for line in talk]

    assert times == sorted(times)
    assert millis(now() - timedelta(minutes=2)) < times[-1] < millis(now())
