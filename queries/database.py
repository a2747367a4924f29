"""The database as a whole: whether it holds anything, and which migration it had."""

from sqlalchemy import inspect, select, text

from core.database import Base, db
from models.accounts import Account


def is_database_empty() -> bool:
    """Whether none of our tables holds a row, or none is there yet."""
    present = set(inspect(db.session.connection()).get_table_names())
    tables = [table for table in Base.metadata.sorted_tables if table.name in present]
    return not any(
        db.session.execute(select(1).select_from(table).limit(1)).first()
        for table in tables
    )


def has_any_account() -> bool:
    """Whether it holds anything that a person entered."""
    return db.session.scalar(select(Account.id).limit(1)) is not None


def database_revision() -> str:
    """The newest migration this database has had; empty before the first."""
    if not inspect(db.session.connection()).has_table("alembic_version"):
        return ""
    return db.session.scalar(text("SELECT version_num FROM alembic_version")) or ""
