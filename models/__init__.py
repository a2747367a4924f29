"""Tables, constraints and the transitions of one aggregate.

Importing the package registers every table: a foreign key names its table as text.
"""

from models import (  # noqa: F401
    accounts,
    alliances,
    catalogue,
    cooperative,
    exports,
    history,
    income,
    income_sums,
    ledger,
    ledger_guards,
    live,
    orders,
    outbox,
    payments,
    register,
    training,
)
