"""What buying costs the database: it is done by many at once."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from core.database import db
from tests.support.factories import Goods
from tests.support.queries import count_queries
from tests.support.shopper import check_out, number_in, put


def test_a_purchase_takes_few_statements_and_two_commits(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    commits: list[object] = []

    def note_commit(connection: object) -> None:
        commits.append(connection)

    with app.app_context(), count_queries() as statements:
        event.listen(db.engine, "commit", note_commit)
        put(client, goods)
        number_in(check_out(client, payment_method="bank_transfer"))
    assert len(statements) <= 26, "\n".join(statements)
    assert len(commits) == 2
