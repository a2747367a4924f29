"""States: how they are called, and which may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from core.errors import Conflict


class Labelled(StrEnum):
    """One of a few: its name in the database, and what people read for it.

    label: a Chinese sentence's word, translated where it is shown; tone: the colour of
    its badge in templates/components/badge.html, "" for the plain one; icon: its name
    in templates/components/icon.html, "" for none.
    """

    label: str
    tone: str
    icon: str

    def __new__(
        cls, value: str, label: str = "", tone: str = "", icon: str = ""
    ) -> Self:
        """A member is its own name."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.tone, member.icon = label, tone, icon
        return member


def labels(kind: type[Labelled]) -> dict[Labelled, str]:
    """Every member with its words."""
    return {member: member.label for member in kind}


@dataclass(frozen=True)
class StateMachine:
    """The states of one thing and the moves between them.

    moves: for every state, the states that may follow; error: raised (409) when
    another move is asked for, with `current` and `wanted` as params.
    """

    moves: Mapping[str, frozenset[str]]
    error: type[Conflict]

    def allows(self, current: str, wanted: str) -> bool:
        """Whether `wanted` may follow `current`."""
        return wanted in self.moves.get(current, frozenset())

    def check(self, current: str, wanted: str) -> None:
        """Raise the machine's error unless `wanted` may follow `current`."""
        if not self.allows(current, wanted):
            raise self.error(current=str(current), wanted=str(wanted))

    def is_final(self, state: str) -> bool:
        """Whether nothing may follow `state`."""
        return not self.moves[state]


def moves(**following: str) -> dict[str, frozenset[str]]:
    """Moves written as words: `moves(placed="paid expired", paid="")`."""
    return {state: frozenset(after.split()) for state, after in following.items()}
