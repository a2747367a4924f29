"""Files that a worker makes of a list: asked for, made, kept for a day, forgotten."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO

from sqlalchemy import Select, delete, select, update

from core.access import Actor, Grant
from core.clock import now
from core.database import db, insert_into
from domain.exports import (
    KEPT_FOR,
    LARGEST_FILE,
    MOST_OF_ONE,
    MOST_TRIES,
    MOST_UNDERWAY,
    NOT_MADE,
    ROOM,
    UNDERWAY,
    ExportState,
    FileTooLarge,
    TooManyExports,
)
from models.columns import digest_of
from models.exports import Export, ExportPart
from services.outbox import enqueue

PART = 256 * 1024
MAKING = "tianbo.export"
"""Where a request says that it is a worker's, which makes a file."""


@dataclass
class Making:
    """The file that a worker's request writes.

    tell: how many rows are written, of how many; name: of the file, without its
    ending, once it is written.
    """

    file: IO[bytes]
    tell: Callable[[int, int], None]
    name: str = ""


@dataclass(frozen=True)
class Wanted:
    """A file of a list: of which view, at which address, in which words."""

    endpoint: str
    address: str
    kind: str
    language: str
    title: str
    about: str
    rows: int


def ask_for(actor: Actor, wanted: Wanted) -> None:
    """Have a worker make a file; one that is under way already is not made twice.

    Raises TooManyExports.
    """
    digest = digest_of(f"{wanted.language} {wanted.address}")
    own = Export.account_id == actor.account_id
    underway = select(Export.digest).where(own, Export.state.in_(UNDERWAY))
    found = db.session.scalars(underway).all()
    if digest in found:
        return
    if len(found) >= MOST_UNDERWAY:
        raise TooManyExports(count=len(found))
    oldest = select(Export.id).where(own).order_by(Export.id.desc())
    _forget(oldest.offset(MOST_OF_ONE - 1))
    code = secrets.token_urlsafe(16)
    db.session.execute(
        insert_into(Export)
        .values(_row(actor, wanted, digest, code))
        .on_conflict_do_nothing()
    )
    enqueue("make_export", {"code": code}, key=f"export:{code}")


def _row(actor: Actor, wanted: Wanted, digest: str, code: str) -> dict[str, object]:
    return {
        "code": code,
        "account_id": actor.account_id,
        "endpoint": wanted.endpoint,
        "address": wanted.address,
        "digest": digest,
        "kind": wanted.kind,
        "language": wanted.language,
        "title": wanted.title[:200],
        "about": wanted.about[:200],
        "grants": [],
        "state": ExportState.WAITING,
        "tries": 0,
        "rows_done": 0,
        "rows_total": wanted.rows,
        "file_name": "",
        "size": 0,
        "why": "",
        "asked_at": now(),
        "expires_at": now() + KEPT_FOR,
    }


def begin(code: str) -> Export | None:
    """The file to be made now; None when it is not wanted any more, or hopeless."""
    export = db.session.scalar(
        select(Export)
        .where(Export.code == code, Export.state.in_(UNDERWAY))
        .with_for_update()
    )
    if export is None:
        return None
    if export.tries >= MOST_TRIES:
        give_up(export.id, NOT_MADE)
        return None
    export.tries += 1
    export.state = ExportState.MAKING
    db.session.flush()
    db.session.expunge(export)
    return export


def tell_progress(export_id: int, done: int, total: int) -> None:
    """How many rows are written of a file that is under way."""
    _change(export_id, rows_done=done, rows_total=total)


def keep(
    export_id: int, file: IO[bytes], *, name: str, grants: Iterable[Grant]
) -> None:
    """Keep a file that was made, for a day from now. Raises FileTooLarge.

    grants: through which its rows were seen.
    """
    size = file.seek(0, 2)
    if size > LARGEST_FILE:
        raise FileTooLarge()
    _make_room(size)
    file.seek(0)
    for number, body in enumerate(iter(lambda: file.read(PART), b"")):
        part = {"export_id": export_id, "number": number, "body": body}
        db.session.execute(insert_into(ExportPart).values(part))
    _change(
        export_id,
        state=ExportState.READY,
        size=size,
        file_name=name[:200],
        grants=[[one.role, one.scope_kind, one.scope_id] for one in grants],
        made_at=now(),
        expires_at=now() + KEPT_FOR,
    )


def give_up(export_id: int, why: str) -> None:
    """Say that a file cannot be made. why: Chinese source text for who asked."""
    _change(export_id, state=ExportState.FAILED, why=why, made_at=now())


def forget_old_exports() -> None:
    """Delete files that nobody may fetch any more; also those of a clock put back."""
    beyond = now() + 2 * KEPT_FOR
    old = (Export.expires_at <= now()) | (Export.expires_at > beyond)
    _forget(select(Export.id).where(old))


def _make_room(size: int) -> None:
    """Delete the oldest files while they and the new one would be more than ROOM."""
    sizes = select(Export.id, Export.size).where(Export.size > 0)
    newest = db.session.execute(sizes.order_by(Export.id.desc())).all()
    for export_id, one in newest:
        size += one
        if size > ROOM:
            _forget(select(Export.id).where(Export.id == export_id))


def _change(export_id: int, **values: object) -> None:
    db.session.execute(
        update(Export)
        .where(Export.id == export_id, Export.state.in_(UNDERWAY))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _forget(ids: Select[int]) -> None:
    gone = db.session.scalars(ids).all()
    for table, key in ((ExportPart, ExportPart.export_id), (Export, Export.id)):
        db.session.execute(
            delete(table)
            .where(key.in_(gone))
            .execution_options(synchronize_session=False)
        )
