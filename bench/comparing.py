"""Two rates in turn: what a machine does besides must count on both sides."""

import statistics
import sys
from collections.abc import Callable

from bench.measurements import Bench

Rate = Callable[[int], float]
"""Something's rate per second in the round of that number, 0 being the warm-up."""


def median_ratio(bench: Bench, ours: Rate, limit: Rate) -> float:
    """The median over the rounds of our rate over the limit's.

    A round more comes first and does not count. Each round's rates go to stderr.
    """
    ratios = []
    for number in range(bench.rounds + 1):
        our_rate, its_rate = ours(number), limit(number)
        print(f"  {our_rate:,.1f} of {its_rate:,.1f} /s", file=sys.stderr, flush=True)
        ratios.append(our_rate / its_rate)
    return statistics.median(ratios[1:])
