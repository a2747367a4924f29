"""Invitations to hold a role."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, one_of
from domain.register import InvitationState
from domain.roles import Role, ScopeKind
from models.columns import Created, Key, Moment, Name, State, big, ref


class Invitation(Base):
    """That whoever has a phone may take up a role, until a moment.

    It is bound to the phone, not to a link: forwarded it is worth nothing.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        one_of("state", InvitationState),
        one_of("role", Role),
        one_of("scope_kind", ScopeKind),
        Index("ix_invitation_phone", "phone", "state"),
        Index("ix_invitation_scope", "scope_kind", "scope_id"),
    )

    id: Mapped[Key]
    request_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[State]
    phone: Mapped[str] = mapped_column(String(20))
    name: Mapped[Name]
    role: Mapped[str] = mapped_column(String(20))
    scope_kind: Mapped[str] = mapped_column(String(20))
    scope_id: Mapped[int] = mapped_column(big, default=0)
    account_id: Mapped[int] = mapped_column(ref("account"))
    seconded_by: Mapped[int | None] = mapped_column(ref("account"))
    created_at: Mapped[Created]
    expires_at: Mapped[Moment]
