"""Viewers and likes of a room, over all the media servers of a house."""

import secrets
from time import monotonic
from typing import Any

from media.events.announcements import InvalidMessage, is_number

STALE_S = 10.0
MOST_NODES = 1_000
LONGEST_NAME = 40

NODE = secrets.token_hex(4)
"""This server, until it ends."""


class ClusterCounts:
    """What this node counts and what others said that they count.

    Likes are a grow-only counter: kept for each node and merged by the maximum, so it
    does not matter how often and in which order nodes repeat to each other what they
    know of all of them; a node that starts anew learns from the others.
    """

    def __init__(self) -> None:
        self._likes: dict[str, int] = {}
        self._elsewhere: dict[str, tuple[int, float]] = {}
        self._has_news = False

    @property
    def likes(self) -> int:
        return sum(self._likes.values())

    @property
    def viewers_elsewhere(self) -> int:
        """How many watch by other nodes that were heard of lately."""
        oldest = monotonic() - STALE_S
        return sum(count for count, at in self._elsewhere.values() if at > oldest)

    def like(self) -> None:
        self._likes[NODE] = self._likes.get(NODE, 0) + 1
        self._has_news = True

    def gossip(self, viewers: int) -> dict[str, Any] | None:
        """What other nodes need to hear, None when they know.

        viewers: here; as long as there are some, others must hear it again.
        """
        if not viewers and not self._has_news:
            return None
        self._has_news = False
        return {"node": NODE, "viewers": viewers, "likes": self._likes}

    def merge(self, said: Any) -> None:
        """Add what another node told. Raises InvalidMessage for anything else."""
        node, viewers, likes = _checked(said)
        if node == NODE:
            return
        self._elsewhere[node] = (viewers, monotonic())
        for name, count in likes.items():
            self._likes[name] = max(count, self._likes.get(name, 0))
        self._has_news = self._has_news or self._likes != likes


def _checked(said: Any) -> tuple[str, int, dict[str, int]]:
    try:
        node, viewers, likes = said["node"], said["viewers"], said["likes"]
        counts = [viewers, *likes.values()]
    except (AttributeError, KeyError, TypeError):
        raise InvalidMessage("no counts") from None
    names = [node, *likes]
    are_named = all(isinstance(one, str) and len(one) <= LONGEST_NAME for one in names)
    if not are_named or not all(map(is_number, counts)) or len(likes) > MOST_NODES:
        raise InvalidMessage("no counts")
    return node, viewers, likes
