"""Drawings that stand for people."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.pages.pictures import PORTRAITS, portrait, room_scene, scene

STATIC = Path(__file__).resolve().parents[2] / "static"


@pytest.mark.parametrize("draw", [portrait, scene, room_scene])
def test_people_have_drawings_of_their_own_that_stay(
    draw: Callable[[int], str],
) -> None:
    drawings = [draw(account_id).partition("?")[0] for account_id in range(100)]
    assert len(set(drawings)) == PORTRAITS
    assert all(one == other for one, other in zip(drawings, drawings[6:], strict=False))
    for drawing in set(drawings):
        assert (STATIC / drawing.removeprefix("/static/")).stat().st_size > 1000
