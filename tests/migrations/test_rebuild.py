"""The recipe of docs/operations.md for changing a guarded table later."""

from datetime import date

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from core.database import db, transaction
from core.engines.sqlite import WRITING
from models.income_sums import feed_statements
from models.ledger_guards import create_statements, drop_statements, missing_guards
from queries.ledger import verify
from tests.support.opening import open_books


def test_a_guarded_table_is_changed_and_guarded_again(app: Flask) -> None:
    with app.app_context():
        with transaction():
            open_books().sell([("蜜薯", 4)], on=date(2026, 3, 10))
        db.session.remove()
        with db.engine.connect().execution_options(**WRITING) as connection:
            if connection.dialect.name == "sqlite":
                driver = connection.connection.driver_connection
                driver.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            change(Operations(MigrationContext.configure(connection)))
            connection.commit()
            columns = sa.inspect(connection).get_columns("journal_entry")
            missing = missing_guards(connection)

        kinds = {column["name"]: str(column["type"]) for column in columns}
        assert kinds["kind"] == "VARCHAR(60)"
        assert missing == []
        assert verify().problems == ()


def change(op: Operations) -> None:
    dialect = op.get_bind().dialect.name
    for statement in drop_statements(dialect):
        op.execute(statement)
    with op.batch_alter_table("journal_entry") as table:
        table.alter_column("kind", type_=sa.String(60))
    statements = create_statements(dialect)
    if dialect == "sqlite":
        statements += feed_statements(dialect)
    for statement in statements:
        op.execute(statement)
