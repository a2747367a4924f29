"""The film's sound: a few plucked strings and birds, made of sines."""

from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from math import cos, exp, pi, sin
from random import Random

RATE = 32_000
"""A frame of 1024 samples then lasts 32 ms, a whole number of milliseconds."""

BEAT_S = 0.75
TUNE = """
5 . 6 1' . . 6 5 . 3 5 . . . . .
3 . 5 6 . . 5 3 . 2 3 . . . . .
6 . 1' 2' . 1' 6 . 5 . 6 . . . . .
5 . 3 2 . . 3 5 . 2 1 . . . . .
1 . 3 5 . . . . 6 . 5 . . . . .
"""
"""Pentatonic, in the numbers of Chinese scores; a point is a rest."""

STEPS = {"1": 0, "2": 2, "3": 4, "5": 7, "6": 9}
DO_HZ = 293.66
LOUDEST = 0.3
HARMONICS = ((1, 1.0, 1.5), (2, 0.5, 2.4), (3, 0.3, 3.4), (4, 0.14, 5.0), (5, 0.1, 7))
"""Multiple of the pitch, loudness, and how fast it dies away per second."""

STRING_S = 2.4
ECHOES = ((0.113, 0.3), (0.179, 0.22), (0.307, 0.13))
CALLS_EVERY_S = 5.5


def compose(seconds: int) -> "array[float]":
    """Mono samples, −1 … 1, that go on at their beginning."""
    dry = array("f", bytes(4 * RATE * seconds))
    for index, (word, is_first) in enumerate(_beats()):
        begins = round(index * BEAT_S * RATE)
        if word == "." or begins >= len(dry):
            continue
        _add(dry, begins, _string(_pitch(word)), 0.8 if is_first else 0.6)
        if is_first:
            _add(dry, begins, _string(_pitch(word) / 4), 0.5)
    _let_birds_sing(dry)
    return _in_the_open(dry)


def _beats() -> Iterable[tuple[str, bool]]:
    for line in TUNE.split("\n"):
        for index, word in enumerate(line.split()):
            yield word, index == 0


def _pitch(word: str) -> float:
    octave = 2.0 if word.endswith("'") else 1.0
    return DO_HZ * octave * 2 ** (STEPS[word[0]] / 12)


@cache
def _string(hz: float) -> Sequence[float]:
    """A plucked string: harmonics that die away, the high ones first."""
    count = round(STRING_S * RATE)
    string = [0.0] * count
    for multiple, loud, fade in HARMONICS:
        for at, value in enumerate(_ringing(hz * multiple, fade, count)):
            string[at] += loud * value
    attack = round(0.004 * RATE)
    for at in range(attack):
        string[at] *= at / attack
    return [value * min(1.0, (count - at) / 3200) for at, value in enumerate(string)]


def _ringing(hz: float, fade: float, count: int) -> Iterable[float]:
    """A damped sine, each sample from the two before it."""
    turn, shrink = 2 * pi * hz / RATE, exp(-fade / RATE)
    first, second = 2 * shrink * cos(turn), -shrink * shrink
    before, value = 0.0, shrink * sin(turn)
    for _ in range(count):
        yield value
        before, value = value, first * value + second * before


def _let_birds_sing(track: "array[float]") -> None:
    chance = Random(11)  # noqa: S311 - a song
    at_s = 2.0
    while at_s * RATE < len(track):
        hz = chance.choice((3100.0, 3600.0, 4100.0))
        for syllable in range(chance.randint(2, 5)):
            begins = round((at_s + 0.17 * syllable) * RATE)
            loud = chance.uniform(0.05, 0.11)
            _add(track, begins, _chirp(hz, chance.choice((-700, 500, 900))), loud)
        at_s += CALLS_EVERY_S * chance.uniform(0.6, 1.4)


@cache
def _chirp(hz: float, rise: float) -> Sequence[float]:
    count = round(0.11 * RATE)
    angle, chirp = 0.0, []
    for at in range(count):
        part = at / count
        angle += 2 * pi * (hz + rise * part + 160 * sin(part * 4 * pi)) / RATE
        chirp.append(sin(angle) * sin(part * pi) ** 2)
    return chirp


def _add(
    track: "array[float]", begins: int, notes: Sequence[float], loud: float
) -> None:
    """Mix in, round the end to the beginning."""
    total = len(track)
    for at, value in enumerate(notes, begins):
        track[at % total] += loud * value


def _in_the_open(dry: "array[float]") -> "array[float]":
    """With a few echoes from the hills, and quiet."""
    wet = array("f", dry)
    for late_s, strength in ECHOES:
        shift = round(late_s * RATE) % len(dry)
        late = dry[-shift:] + dry[:-shift]
        wet = array("f", (a + strength * b for a, b in zip(wet, late, strict=True)))
    peak = max((abs(value) for value in wet), default=0.0) or 1.0
    return array("f", (value / peak * LOUDEST for value in wet))
