"""Count attempts before they are made; too many get 429."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from blueprints.forms import Done, Form, Result, attempt
from core.database import transaction
from core.errors import DomainError, TooMany
from core.web.requests import client_address
from services import rates
from services.rates import RateLimit


def count_attempt(by_address: RateLimit, *others: tuple[RateLimit, str]) -> None:
    """Count an attempt of this address, and under each of `others`; keep the counts.

    The address comes first, and a full limit ends the counting. Raises TooMany.
    """
    count_for((by_address, client_address()), *others)


def count_for(*attempts: tuple[RateLimit, str]) -> None:
    """Count an attempt under each limit, for its subject. Raises TooMany."""
    wait_s = 0
    with transaction():
        for limit, subject in attempts:
            wait_s = wait_s or rates.count(limit, subject)
    if wait_s:
        raise TooMany(retry_after_s=wait_s)


@contextmanager
def counted_transaction(by_address: RateLimit) -> Iterator[None]:
    """A transaction that keeps the count of this address with what is done in it.

    It saves a commit; where a rule says no inside, the attempt is counted by itself.
    Raises TooMany.
    """
    attempt = (by_address, client_address())
    try:
        with transaction():
            if wait_s := rates.count(*attempt):
                raise TooMany(retry_after_s=wait_s)
            yield
    except DomainError:
        count_for(attempt)
        raise


def counted_attempt(
    form: Form,
    call: Callable[[], Result],
    *limits: tuple[RateLimit, str],
) -> Done[Result] | None:
    """What `attempt` does, counted under `limits`, though not when it was right.

    The count is kept whatever else comes of it: `call` opens transactions of its own.
    Raises TooMany, as that is no matter of the form.
    """

    def count_and_call() -> Result:
        count_for(*limits)
        result = call()
        with transaction():
            for limit, subject in limits:
                rates.uncount(limit, subject)
        return result

    done = attempt(form, count_and_call, within=nullcontext)
    if isinstance(form.refused, TooMany):
        raise form.refused
    return done
