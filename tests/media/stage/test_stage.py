"""The stage: who is on it, who makes way, and what closing it waits for."""

import asyncio
import threading
from pathlib import Path
from typing import cast

import pytest
from av.container import InputContainer

from media.stage import stage as stages
from media.stage.sources import CameraSource, Source
from media.stage.stage import AlreadyPublishing, Stage
from tests.support.loops import run_apart

PATIENCE_S = 20.0


class Drain:
    """A source whose last packets are long under way."""

    kind = "rtmp"
    is_closed = False

    def __init__(self) -> None:
        self.is_empty = threading.Event()

    def open(self) -> InputContainer:
        """Nothing comes in the end."""
        self.is_empty.wait(PATIENCE_S)
        raise OSError

    def close(self) -> None:
        """It takes its time."""


def a_stage(folder: Path) -> Stage:
    return Stage("honey", folder, lambda *_said, **_how: None)


def test_closing_waits_for_one_who_was_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "DEAD_S", 0.0)
    drain = Drain()

    async def close_early() -> bool:
        stage = a_stage(tmp_path)
        stage.publish(cast("Source", drain))
        stage.publish(CameraSource())
        closing = asyncio.create_task(stage.close())
        await asyncio.wait([closing], timeout=0.5)
        was_early = closing.done()
        drain.is_empty.set()
        await asyncio.wait_for(closing, PATIENCE_S)
        return was_early

    assert not run_apart(close_early())


def test_another_key_frees_the_stage_at_once(tmp_path: Path) -> None:
    async def change_key() -> list[bool]:
        stage = a_stage(tmp_path)
        old = stage.publish(CameraSource(), key=1)
        stage.dismiss_other_keys(1)
        with pytest.raises(AlreadyPublishing):
            stage.publish(CameraSource(), key=1)
        stage.dismiss_other_keys(2)
        new = stage.publish(CameraSource(), key=2)
        await asyncio.wait_for(old.ended.wait(), PATIENCE_S)
        holding = [old.holds_the_stage, new.holds_the_stage]
        await stage.close()
        return holding

    assert run_apart(change_key()) == [False, True]
