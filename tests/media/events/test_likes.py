"""Likes: counted, told in a moment, and not for machines."""

from datetime import timedelta

import pytest

from core.room_tokens import Purpose
from tests.support.media_server import Media, token_for


def test_likes_are_counted_and_told_twice_a_second(media: Media, room: str) -> None:
    path = f"/rooms/{room}/likes"
    with media.listen(room) as ann:
        ann.hear("snapshot")
        for subject in ("ann", "bob", "cid", "dan"):
            token = token_for(room, Purpose.WATCH, subject=subject)
            assert media.post(path, token)[0] == 204

        heard = [ann.hear("likes").data["count"] for _time in range(2)]
    assert heard == [1, 4]


def test_a_machine_is_slowed_down_and_others_are_not(media: Media, room: str) -> None:
    path = f"/rooms/{room}/likes"
    with media.listen(room):
        token = token_for(room, Purpose.WATCH, subject="machine")
        answers = [media.post(path, token)[0] for _time in range(30)]
        assert answers[0] == 204
        assert answers[-1] == 429

        token = token_for(room, Purpose.WATCH, subject="ann")
        assert media.post(path, token)[0] == 204


@pytest.mark.parametrize(
    "token",
    [
        "forged",
        token_for("another-room", Purpose.WATCH),
        token_for("honey", Purpose.WATCH, lasts=timedelta(seconds=-1)),
    ],
    ids=["forged", "room", "expired"],
)
def test_without_a_good_pass_nothing_is_liked(media: Media, token: str) -> None:
    assert media.post("/rooms/honey/likes", token)[0] == 403


def test_an_empty_room_is_not_liked(media: Media) -> None:
    token = token_for("empty-room", Purpose.WATCH)

    assert media.post("/rooms/empty-room/likes", token)[0] == 404
