"""The kept sums of the income report: fed in batches, and made again.

What is noted as unsummed is added to the sums and the notes deleted, in one
transaction that sees one moment: decisions/0017.
"""

from sqlalchemy import (
    Insert,
    Integer,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)

from core.database import db, insert_into, only_writer_of
from core.statements import kept, table_of
from models.income_sums import IncomeSum, Unsummed
from models.ledger import JournalEntry
from queries.income.figures import Grain
from queries.income.sums import FIGURES, PLACE, sums_by_day
from queries.income.which import Orders, Which

ORDERS = 1_000
"""How many orders one transaction sums: writers on SQLite wait for it."""
NO_SYNC = {"synchronize_session": False}


def sum_some(orders: int = ORDERS) -> bool:
    """Sum what is noted of some orders; returns False once nothing is left.

    Whole orders: a movement may come about by two of an order's notes.
    """
    only_writer_of(IncomeSum)
    chosen = select(Unsummed.order_id).distinct().order_by(Unsummed.order_id)
    some = chosen.limit(orders).subquery()
    first, last = db.session.execute(
        select(func.min(some.c.order_id), func.max(some.c.order_id))
    ).one()
    if first is None:
        return False
    ends = {"first_order": first, "last_order": last}
    db.session.execute(_adding(), ends)
    within = Unsummed.order_id.between(first, last)
    db.session.execute(delete(Unsummed).where(within), execution_options=NO_SYNC)
    return True


@kept
def _adding() -> Insert:
    daily = sums_by_day(Which(unsummed=True, orders=Orders.RANGE))
    kinds = (literal(grain.value, Integer) for grain in (Grain.DAY, Grain.MONTH))
    grains = union_all(*(select(kind.label("days")) for kind in kinds)).subquery()
    place = (daily.c.key // grains.c.days, *(daily.c[name] for name in PLACE))
    sums = (func.sum(daily.c[name]) for name in FIGURES)
    rows = select(*place, *sums).join_from(daily, grains, literal(value=True))
    adding = insert_into(IncomeSum).from_select(
        ["key", *PLACE, *FIGURES], rows.group_by(*place)
    )
    held = table_of(IncomeSum).c
    return adding.on_conflict_do_update(
        index_elements=["key", *PLACE],
        set_={name: held[name] + adding.excluded[name] for name in FIGURES},
    )


def start_anew() -> None:
    """Forget every sum and note every entry: reports stay right, and are slow."""
    only_writer_of(IncomeSum)
    for table in (IncomeSum, Unsummed):
        db.session.execute(delete(table), execution_options=NO_SYNC)
    entry = table_of(JournalEntry).c
    every = select(entry.order_id, entry.id).where(entry.order_id.is_not(None))
    noting = insert(table_of(Unsummed)).from_select(["order_id", "entry_id"], every)
    db.session.execute(noting)
