"""Run migrations on SQLite and PostgreSQL, each run in one transaction.

SQLite cannot alter much and rebuilds the table instead (batch mode): it copies and
drops the old one, for which foreign keys must be off. They cannot be switched inside
a transaction, so they are off for the whole run and checked before it is kept.
"""

from alembic import context
from sqlalchemy import Connection

from core.database import UTCDateTime, db
from core.engines.sqlite import WRITING

LOCK_TIMEOUT = "5s"


def run() -> None:
    """Do what the alembic command asks for to the app's database."""
    if context.is_offline_mode():
        raise SystemExit("migrations look at the database: there is no offline mode")
    with db.engine.connect().execution_options(**WRITING) as connection:
        if connection.dialect.name != "sqlite":
            _migrate(connection)
            return
        _set_foreign_keys(connection, "OFF")
        try:
            _migrate(connection)
        finally:
            connection.rollback()
            _set_foreign_keys(connection, "ON")


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        transactional_ddl=True,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render_type,
    )
    with context.begin_transaction():
        if connection.dialect.name == "sqlite":
            context.run_migrations()
            _refuse_dangling(connection)
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            context.run_migrations()


def _set_foreign_keys(connection: Connection, state: str) -> None:
    connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={state}")


def _refuse_dangling(connection: Connection) -> None:
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if dangling:
        raise SystemExit(f"a row of {dangling[0]} would refer to no {dangling[2]}")


def _render_type(kind: str, item: object, _context: object) -> str | bool:
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


run()
