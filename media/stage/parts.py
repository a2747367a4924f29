"""What a muxer hands on: a take's beginning and its parts, one after another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a take, one `moof` and `mdat`, some 0.2 s long.

    start_s: seconds since the take began. independent: a player may begin here.
    """

    data: bytes
    start_s: float
    duration_s: float
    independent: bool


@dataclass(frozen=True, slots=True)
class Take:
    """One unbroken stretch from one publisher.

    name: unique for this room and in file names. began_at: seconds since 1970.
    init: the MP4 header that every part of the take needs.
    """

    name: str
    began_at: float
    init: bytes
