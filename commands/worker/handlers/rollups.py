"""What keeps reports short: the sums of income are fed every minute."""

from datetime import timedelta
from typing import Any

from core.database import transaction
from services.jobs import periodically
from services.rollups import sum_some

MOST_BATCHES = 100
"""What a new release or a rebuild leaves to sum takes several runs."""


@periodically("sum_income", every=timedelta(minutes=1))
def sum_income(_payload: dict[str, Any]) -> None:
    """Add what was posted meanwhile to the kept sums."""
    for _batch in range(MOST_BATCHES):
        with transaction():
            has_more = sum_some()
        if not has_more:
            return
