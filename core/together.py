"""Do at once what several threads of this process ask for at the same time.

A commit waits for the disk, and a statement costs much the same for one row as for
eight. Whoever asks while nothing is being done does it for all who wait; whoever asks
meanwhile waits, and is in the next go. Nobody waits for company.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass
class _Waiting(Generic[Asked, Answer]):
    asked: Asked
    answers: list[Answer] = field(default_factory=list)
    error: BaseException | None = None
    is_done: bool = False


class Together(Generic[Asked, Answer]):
    """A queue whose first in line works for those behind.

    do: answers each of what was asked, in order, and has kept it by then. What it
    raises, all of them are told.
    most: how many it is given at once.
    """

    def __init__(self, do: Callable[[Sequence[Asked]], Sequence[Answer]], most: int):
        self._do = do
        self._most = most
        self._queue: list[_Waiting[Asked, Answer]] = []
        self._is_busy = False
        self._changed = Condition()

    def ask(self, asked: Asked) -> Answer:
        """What `do` answered to `asked`, or the error that it raised."""
        mine: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._changed:
            self._queue.append(mine)
        while not mine.is_done:
            self._work_for(self._take(mine))
        if mine.error is not None:
            raise mine.error
        return mine.answers[0]

    def _take(self, mine: _Waiting[Asked, Answer]) -> Sequence[_Waiting[Asked, Answer]]:
        """The next in line once nobody else works; nobody once `mine` is done."""
        with self._changed:
            self._changed.wait_for(lambda: mine.is_done or not self._is_busy)
            if mine.is_done:
                return []
            self._is_busy = True
            taken = self._queue[: self._most]
            del self._queue[: self._most]
            return taken

    def _work_for(self, taken: Sequence[_Waiting[Asked, Answer]]) -> None:
        if not taken:
            return
        error: BaseException | None = None
        answers: Sequence[Answer] = ()
        try:
            answers = self._do([each.asked for each in taken])
        except BaseException as raised:
            error = raised
            if not isinstance(raised, Exception):
                raise
        finally:
            with self._changed:
                self._is_busy = False
                for place, each in enumerate(taken):
                    each.error, each.is_done = error, True
                    each.answers.extend(answers[place : place + 1])
                self._changed.notify_all()
