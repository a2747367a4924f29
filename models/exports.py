"""Files made of lists, kept for a day for who asked.

They stand in the database because web and worker share nothing else; in parts, so that
neither holds a whole file in memory.
"""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, UTCDateTime, one_of
from domain.exports import ExportState
from models.columns import Created, Digest, Key, Moment, State, big, ref

UNDERWAY = text("state IN ('waiting', 'making')")


class Export(Base):
    """A file that somebody asked for.

    address: path and query of the list, in the format asked for; digest: of it and the
    language; grants: the roles through which its rows were seen, as triples.
    """

    __tablename__ = "export"
    __table_args__ = (
        one_of("state", ExportState),
        Index("ix_export_account", "account_id", "asked_at"),
        Index("ix_export_expires", "expires_at"),
        Index(
            "uq_export_underway",
            "account_id",
            "digest",
            unique=True,
            sqlite_where=UNDERWAY,
            postgresql_where=UNDERWAY,
        ),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    account_id: Mapped[int] = mapped_column(ref("account"))
    endpoint: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(Text)
    digest: Mapped[Digest]
    kind: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(String(200))
    grants: Mapped[list[Any]] = mapped_column(JSON, default=list)
    state: Mapped[State]
    tries: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[int] = mapped_column(big, default=0)
    why: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[Created]
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[Moment]

    @property
    def step(self) -> ExportState:
        """Its state, with its words."""
        return ExportState(self.state)

    @property
    def list_address(self) -> str:
        """Where the list itself is."""
        path, _question, query = self.address.partition("?")
        kept = [one for one in parse_qsl(query) if one[0] != "format"]
        return f"{path}?{urlencode(kept)}"


class ExportPart(Base):
    """A piece of a file; pieces in the order of their numbers are the file."""

    __tablename__ = "export_part"

    export_id: Mapped[int] = mapped_column(
        ForeignKey("export.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
