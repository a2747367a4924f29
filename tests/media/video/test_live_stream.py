"""The live stream: who publishes, who makes way, and what closing it waits for."""

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from av.container import InputContainer

from core.room_tokens import Pass, Purpose
from media.video import live_stream
from media.video.live_stream import AlreadyPublishing, LiveStream
from media.video.sources import CameraSource, Source
from tests.support.loops import run_apart

PATIENCE_S = 20.0
HOST = Pass("honey", Purpose.PUBLISH, datetime.max.replace(tzinfo=UTC), "host")


class Drain:
    """A source whose last packets are long under way."""

    kind = "rtmp"
    is_closed = False
    came_at = 0.0

    def __init__(self) -> None:
        self.is_empty = threading.Event()

    def open(self) -> InputContainer:
        """Nothing comes in the end."""
        self.is_empty.wait(PATIENCE_S)
        raise OSError

    def close(self) -> None:
        """It takes its time."""


def a_stream(folder: Path) -> LiveStream:
    return LiveStream("honey", folder, lambda *_said, **_how: None)


def test_closing_waits_for_one_who_was_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_stream, "DEAD_S", 0.0)
    drain = Drain()

    async def close_early() -> bool:
        stream = a_stream(tmp_path)
        stream.publish(cast("Source", drain), HOST)
        stream.publish(CameraSource(), HOST)
        closing = asyncio.create_task(stream.close())
        await asyncio.wait([closing], timeout=0.5)
        was_early = closing.done()
        drain.is_empty.set()
        await asyncio.wait_for(closing, PATIENCE_S)
        return was_early

    assert not run_apart(close_early())


def test_a_pass_that_holds_no_more_frees_the_place_at_once(tmp_path: Path) -> None:
    async def change_pass() -> list[bool]:
        stream = a_stream(tmp_path)
        old = stream.publish(CameraSource(), HOST)
        stream.dismiss_unless(lambda granted: granted is HOST)
        with pytest.raises(AlreadyPublishing):
            stream.publish(CameraSource(), HOST)
        stream.dismiss_unless(lambda granted: granted is not HOST)
        new = stream.publish(CameraSource(), HOST)
        await asyncio.wait_for(old.ended.wait(), PATIENCE_S)
        holding = [old.is_held, new.is_held]
        await stream.close()
        return holding

    assert run_apart(change_pass()) == [False, True]
