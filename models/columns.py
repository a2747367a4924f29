"""Column shorthands that several tables share."""

import hashlib
from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import mapped_column

from core.clock import now
from core.database import UTCDateTime

big = BigInteger().with_variant(Integer, "sqlite")

Key = Annotated[int, mapped_column(big, primary_key=True)]
Fen = Annotated[int, mapped_column(big)]
Grams = Annotated[int, mapped_column(big)]
Moment = Annotated[datetime, mapped_column(UTCDateTime)]
Created = Annotated[datetime, mapped_column(UTCDateTime, default=now)]
Name = Annotated[str, mapped_column(String(80))]
Slug = Annotated[str, mapped_column(String(80), unique=True)]
State = Annotated[str, mapped_column(String(20))]
Digest = Annotated[str, mapped_column(String(64))]


def ref(target: str) -> ForeignKey:
    """A foreign key to `target`, a table's `id`."""
    return ForeignKey(f"{target}.id")


def digest_of(token: str) -> str:
    """What a Digest holds in place of a secret: who reads the table can open nothing.

    SHA-256, as 64 hex digits.
    """
    return hashlib.sha256(token.encode()).hexdigest()
