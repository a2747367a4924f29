"""Another process sells the same boxes at the same moment: PostgreSQL only.

SQLite lets nobody else write while we do.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import event, text

from core.database import db
from core.errors import DomainError
from models.orders import Checkout, Order, StockReservation
from services.orders.drafts import PriceChanged
from services.orders.placing import EmptyCart
from services.orders.stock import NotOnSale, OutOfStock, SoldOut
from tests.services.test_orders_together import ask, guest, place_all, rows
from tests.support.factories import Goods


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def elsewhere() -> Iterator[list[str]]:
    """Statements that another process commits once ours has read what it wants."""
    commits: list[str] = []

    def be_quicker(_connection: object, _cursor: object, line: str, *_: object) -> None:
        if line.startswith("INSERT INTO checkout") and commits:
            with db.engine.begin() as other:
                other.execute(text(commits.pop()))

    event.listen(db.engine, "before_cursor_execute", be_quicker)
    yield commits
    event.remove(db.engine, "before_cursor_execute", be_quicker)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ("UPDATE variant SET stock = 0", SoldOut),
        ("UPDATE variant SET stock = 1", OutOfStock),
        ("UPDATE variant SET on_sale = false", NotOnSale),
        ("UPDATE variant SET price_fen = price_fen + 1", PriceChanged),
        ("DELETE FROM cart_item", EmptyCart),
        ("UPDATE cart_item SET quantity = 3", PriceChanged),
    ],
)
def test_where_another_process_was_quicker_all_is_read_again(
    goods: Goods, elsewhere: list[str], change: str, answer: type[DomainError]
) -> None:
    submission = ask(guest(goods, 2), shown_total_fen=6_780)
    elsewhere.append(change)

    [answered] = place_all(submission)

    assert isinstance(answered, answer)
    assert rows(Checkout, Order, StockReservation) == [0, 0, 0]
