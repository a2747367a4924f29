"""Forms that are sent twice: the second writes nothing and gets the first one's id."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.database import db
from core.errors import StateChanged


def find_known(table: Any, request_id: str | None) -> int | None:
    """The id of the row that this request made before, if it did.

    table: a model with `id` and a unique `request_id`. Without one nothing is known.
    """
    if request_id is None:
        return None
    found = db.session.scalar(select(table.id).where(table.request_id == request_id))
    return None if found is None else int(found)


def add_first(record: Any) -> int | None:
    """Add a record; None, or the id of its twin when that was added in this moment.

    Two equal requests at once both find nothing with `find_known`; PostgreSQL lets the
    second insert wait for the first and then refuses it.
    Raises StateChanged when something else that is unique was taken meanwhile.
    """
    try:
        with db.session.begin_nested():
            db.session.add(record)
    except IntegrityError:
        twin = find_known(type(record), record.request_id)
        if twin is None:
            raise StateChanged() from None
        return twin
    return None
