"""Viewers and likes of a room, over all the media servers of a house."""

import secrets
from time import monotonic
from typing import Any

from media.events.announcements import NotNews, is_number

STALE_S = 10.0
MOST_NODES = 1_000
LONGEST_NAME = 40

NODE = secrets.token_hex(4)
"""This server, until it ends."""


class Tally:
    """What this server counts and what others said that they count.

    Likes are kept for each server and only grow, so it does not matter how often and
    in which order servers repeat to each other what they know of all of them; a server
    that starts anew learns from the others.
    """

    def __init__(self) -> None:
        self._likes: dict[str, int] = {}
        self._elsewhere: dict[str, tuple[int, float]] = {}
        self._is_owed = False

    @property
    def likes(self) -> int:
        """All likes of the room."""
        return sum(self._likes.values())

    @property
    def viewers_elsewhere(self) -> int:
        """How many watch by other servers that were heard of lately."""
        oldest = monotonic() - STALE_S
        return sum(count for count, at in self._elsewhere.values() if at > oldest)

    def like(self) -> None:
        """One more, here."""
        self._likes[NODE] = self._likes.get(NODE, 0) + 1
        self._is_owed = True

    def tell(self, viewers: int) -> dict[str, Any] | None:
        """What other servers need to hear, None when they know.

        viewers: here; as long as there are some, others must hear it again.
        """
        if not viewers and not self._is_owed:
            return None
        self._is_owed = False
        return {"node": NODE, "viewers": viewers, "likes": self._likes}

    def hear(self, said: Any) -> None:
        """Add what another server told. Raises NotNews for anything else."""
        node, viewers, likes = _checked(said)
        if node == NODE:
            return
        self._elsewhere[node] = (viewers, monotonic())
        for name, count in likes.items():
            self._likes[name] = max(count, self._likes.get(name, 0))
        self._is_owed = self._is_owed or self._likes != likes


def _checked(said: Any) -> tuple[str, int, dict[str, int]]:
    try:
        node, viewers, likes = said["node"], said["viewers"], said["likes"]
        counts = [viewers, *likes.values()]
    except (AttributeError, KeyError, TypeError):
        raise NotNews("no tally") from None
    names = [node, *likes]
    are_named = all(isinstance(one, str) and len(one) <= LONGEST_NAME for one in names)
    if not are_named or not all(map(is_number, counts)) or len(likes) > MOST_NODES:
        raise NotNews("no tally")
    return node, viewers, likes
