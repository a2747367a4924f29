"""Files that a worker makes: whose they are, how far, and what they hold."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from core.access import Actor, Grant
from core.clock import now
from core.database import db
from core.errors import NotFound
from domain.exports import MOST_OF_ONE, ExportState
from domain.roles import Role, ScopeKind
from models.exports import Export, ExportPart


def own_exports(actor: Actor) -> Sequence[Export]:
    """The person's files that have not expired, newest first."""
    kept = select(Export).where(
        Export.account_id == actor.account_id, Export.expires_at > now()
    )
    newest = kept.order_by(Export.id.desc()).limit(MOST_OF_ONE)
    return db.session.scalars(newest).all()


def get_file(actor: Actor, code: str) -> Export:
    """The person's finished file, while they still hold every role it was read by.

    Raises NotFound otherwise; the caller asks the policy of the list.
    """
    export = db.session.scalar(
        select(Export).where(
            Export.code == code,
            Export.account_id == actor.account_id,
            Export.state == ExportState.READY,
            Export.expires_at > now(),
        )
    )
    if export is None or not may_still_read(actor, export):
        raise NotFound()
    return export


def may_still_read(actor: Actor, export: Export) -> bool:
    """Whether no role was lost through which the rows of a file were seen."""
    read_by = {Grant(Role(role), ScopeKind(of), id_) for role, of, id_ in export.grants}
    return read_by <= set(actor.grants)


def parts_of(export_id: int) -> Iterator[bytes]:
    """A file, piece by piece."""
    parts = select(ExportPart.body).where(ExportPart.export_id == export_id)
    number = 0
    while (
        body := db.session.scalar(parts.where(ExportPart.number == number))
    ) is not None:
        yield body
        number += 1
