"""Whoever asks while others are served is served with all who wait."""

import threading
from collections.abc import Sequence

import pytest

from core.together import Together


class Counter:
    """Doubles numbers, and waits at the first until told to go on."""

    def __init__(self) -> None:
        self.served: list[list[int]] = []
        self.is_at_first = threading.Event()
        self.go_on = threading.Event()

    def double(self, numbers: Sequence[int]) -> list[int]:
        self.served.append(list(numbers))
        if len(self.served) == 1:
            self.is_at_first.set()
            self.go_on.wait(5)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


def ask_all(together: Together[int, int], counter: Counter, *more: int) -> list[object]:
    """0 is asked first; `more` come in this order while it is being served."""
    answers: list[object] = [None] * (len(more) + 1)

    def ask(place: int, number: int) -> None:
        try:
            answers[place] = together.ask(number)
        except ValueError as error:
            answers[place] = str(error)

    threads = [threading.Thread(target=ask, args=(0, 0))]
    threads[0].start()
    assert counter.is_at_first.wait(5)
    for place, number in enumerate(more, start=1):
        threads.append(threading.Thread(target=ask, args=(place, number)))
        threads[-1].start()
        while len(together._queue) < place:
            pass
    counter.go_on.set()
    for thread in threads:
        thread.join(5)
    return answers


def test_who_waits_is_served_together_and_in_order() -> None:
    counter = Counter()

    answers = ask_all(Together(counter.double, 10), counter, 1, 2, 3)

    assert answers == [0, 2, 4, 6]
    assert counter.served == [[0], [1, 2, 3]]


def test_no_more_than_so_many_at_once() -> None:
    counter = Counter()

    assert ask_all(Together(counter.double, 2), counter, 1, 2, 3) == [0, 2, 4, 6]
    assert counter.served == [[0], [1, 2], [3]]


def test_an_error_is_told_to_all_of_its_go_and_to_nobody_else() -> None:
    counter = Counter()
    together = Together(counter.double, 2)

    answers = ask_all(together, counter, 1, 13, 3)

    assert answers == [0, "thirteen", "thirteen", 6]
    with pytest.raises(ValueError, match="thirteen"):
        together.ask(13)
    assert together.ask(4) == 8
