"""Who holds which role: offered within the own scope, taken up, and ended."""

from datetime import timedelta
from typing import TypeVar

from sqlalchemy import select, update

from core.access import Actor, Grant
from core.clock import now, today
from core.config import current_settings
from core.database import db
from core.errors import N_, Conflict, Invalid, NotFound, StateChanged
from domain.register import INVITATIONS, InvitationState
from domain.roles import Role, ScopeKind, givers_of
from models.accounts import Account, RoleGrant
from models.alliances import AllianceMember
from models.history import move, record_change
from models.register import Invitation
from queries.accounts import current_grants
from queries.areas import NAMED, area_name
from queries.scopes import lock
from services import outbox
from services.accounts.sessions import grant_role, revoke_role
from services.requests import add_first, find_known

Named = TypeVar("Named", RoleGrant, Invitation)
INVITED_FOR = timedelta(days=7)


class WrongPlace(Invalid):
    """The role is not held in a scope of this kind."""

    code = "wrong_place"
    message = N_("这个岗位不设在这里，请换一个地方，比如联盟的岗位选联盟。")
    field = "place"


class HeldAlready(Conflict):
    """Who has this phone holds the role there."""

    code = "role_held_already"
    message = N_("这个手机号的人已经担任这个岗位了，不用再邀请。")
    field = "phone"


class InvitedAlready(Conflict):
    """An invitation to the same waits for an answer."""

    code = "invited_already"
    message = N_("已经邀请过了，还在等答复。要重新发，先收回原来那个。")
    field = "phone"


class InvitationOver(Conflict):
    """It expired, or who made it may not give the role any more."""

    code = "invitation_over"
    message = N_("这个邀请已经失效，请联系邀请您的人重新发一个。")


class OwnProposal(Conflict):
    """Who proposed it cannot be the second to agree."""

    code = "own_proposal"
    message = N_("管全区的岗位要两位组织员同意，请另一位来点。")


class LastHolder(Conflict):
    """Nobody would hold the role there."""

    code = "last_holder"
    message = N_("这个岗位只剩您一位。先请人接手，再退出。")


def invite(actor: Actor, invitation: Invitation) -> int:
    """Offer a role to who has a phone, and tell them by text; returns its id.

    What holds in the whole district waits for a second officer. The same request id
    again returns the first one's id.
    Raises NotFound for a scope in which `actor` may not give the role, WrongPlace,
    HeldAlready, InvitedAlready.
    """
    known = find_known(Invitation, invitation.request_id)
    if known is not None:
        return known
    _check_giver(actor, invitation)
    _check_new(invitation)
    first = ScopeKind(invitation.scope_kind) is not ScopeKind.DISTRICT
    invitation.state = InvitationState.OPEN if first else InvitationState.PROPOSED
    invitation.account_id = actor.account_id or 0
    invitation.expires_at = now() + INVITED_FOR
    twin = add_first(invitation)
    if twin is not None:
        return twin
    record_change(invitation, invitation.state, account_id=actor.account_id)
    if first:
        _tell(invitation)
    return invitation.id


def second(actor: Actor, invitation_id: int) -> None:
    """Agree as another officer; now it goes out. Raises NotFound, OwnProposal."""
    invitation = lock(Invitation, invitation_id, actor, Role.DISTRICT_OFFICER)
    if invitation.account_id == actor.account_id:
        raise OwnProposal()
    INVITATIONS.check(invitation.state, InvitationState.OPEN)
    move(
        invitation,
        InvitationState.OPEN,
        account_id=actor.account_id,
        seconded_by=actor.account_id,
        expires_at=now() + INVITED_FOR,
    )
    _tell(invitation)


def withdraw(actor: Actor, invitation_id: int) -> None:
    """Take an invitation back that nobody answered. Raises NotFound."""
    invitation = _lock_given(Invitation, invitation_id, actor)
    _answer(actor, invitation, InvitationState.WITHDRAWN)


def decline(actor: Actor, invitation_id: int) -> None:
    """Say no to an invitation of one's own phone. Raises NotFound."""
    _answer(actor, lock(Invitation, invitation_id, actor), InvitationState.DECLINED)


def accept(actor: Actor, invitation_id: int) -> None:
    """Take up the role; who joins an alliance is its member from today.

    Raises NotFound unless it is of the own, proven phone, and InvitationOver when it
    expired or the one who made it lost the right to.
    """
    invitation = lock(Invitation, invitation_id, actor)
    if invitation.expires_at <= now():
        raise InvitationOver()
    _answer(actor, invitation, InvitationState.ACCEPTED)
    giver_id, account_id = invitation.account_id, actor.account_id or 0
    giver = Actor(giver_id, grants=current_grants(giver_id))
    try:
        _check_giver(giver, invitation)
    except NotFound:
        raise InvitationOver() from None
    kind = ScopeKind(invitation.scope_kind)
    grant = Grant(Role(invitation.role), kind, invitation.scope_id)
    grant_role(giver, account_id, grant)
    if grant.role == Role.MEMBER:
        _join(account_id, grant.scope_id)


def end_role(actor: Actor, grant_id: int, reason: str) -> None:
    """Take a role from somebody; every session of theirs ends.

    Raises NotFound, StateChanged when it ended already, LastHolder for one's own.
    """
    _end(actor, _lock_given(RoleGrant, grant_id, actor), reason)


def lay_down(actor: Actor, grant_id: int, reason: str) -> None:
    """Give up one's own role. Raises NotFound, StateChanged, LastHolder."""
    _end(actor, lock(RoleGrant, grant_id, actor), reason)


def _end(actor: Actor, held: RoleGrant, reason: str) -> None:
    if held.revoked_at is not None:
        raise StateChanged()
    grant = Grant(Role(held.role), ScopeKind(held.scope_kind), held.scope_id)
    if held.account_id == actor.account_id and _is_last(grant):
        raise LastHolder()
    account_id = actor.account_id
    record_change(
        held, "revoked", from_state="held", account_id=account_id, reason=reason
    )
    revoke_role(held.account_id, grant)
    if grant.role == Role.MEMBER:
        _leave(held.account_id, grant.scope_id)


def _check_giver(actor: Actor, invitation: Invitation) -> None:
    """Whether `actor` may give the role there; the scope is held till the end.

    Two who invite the same person at once come one after the other.
    """
    role, kind = Role(invitation.role), ScopeKind(invitation.scope_kind)
    if kind not in role.scopes:
        raise WrongPlace()
    givers = givers_of(role, kind)
    if kind is not ScopeKind.DISTRICT:
        table, _column = NAMED[kind]
        lock(table, invitation.scope_id, actor, *givers)
    elif not actor.scope_ids(kind, *givers):
        raise NotFound()


def _check_new(invitation: Invitation) -> None:
    scope = {
        "role": invitation.role,
        "scope_kind": invitation.scope_kind,
        "scope_id": invitation.scope_id,
    }
    held = select(RoleGrant.id).filter_by(revoked_at=None, **scope)
    of_phone = select(Account.id).where(Account.phone == invitation.phone)
    if db.session.scalar(held.where(RoleGrant.account_id.in_(of_phone))):
        raise HeldAlready()
    waiting = (InvitationState.PROPOSED, InvitationState.OPEN)
    asked = select(Invitation.id).filter_by(phone=invitation.phone, **scope)
    still = (Invitation.state.in_(waiting), Invitation.expires_at > now())
    if db.session.scalar(asked.where(*still).limit(1)):
        raise InvitedAlready()


def _lock_given(table: type[Named], record_id: int, actor: Actor) -> Named:
    """A row that names a role and a scope, for who may give that role there."""
    named = db.session.get(table, record_id)
    if named is None:
        raise NotFound()
    givers = givers_of(Role(named.role), ScopeKind(named.scope_kind))
    return lock(table, record_id, actor, *givers)


def _answer(actor: Actor, invitation: Invitation, answer: InvitationState) -> None:
    INVITATIONS.check(invitation.state, answer)
    move(invitation, answer, account_id=actor.account_id)


def _tell(invitation: Invitation) -> None:
    words = Role(invitation.role).label
    place = area_name(ScopeKind(invitation.scope_kind), invitation.scope_id)
    link = f"{current_settings().public_url}/register/mine"
    outbox.send_sms(
        invitation.phone,
        f"【田播】请您担任{place}{words}。七天内用这个手机号登录 {link} 答复。",
        key=f"invitation:{invitation.id}",
    )


def _join(account_id: int, alliance_id: int) -> None:
    """A membership from today, unless there is one."""
    stay = {"account_id": account_id, "alliance_id": alliance_id}
    present = select(AllianceMember.id).filter_by(**stay, left_on=None)
    if db.session.scalar(present) is None:
        db.session.add(AllianceMember(**stay, joined_on=today()))
        db.session.flush()


def _leave(account_id: int, alliance_id: int) -> None:
    db.session.execute(
        update(AllianceMember)
        .filter_by(account_id=account_id, alliance_id=alliance_id, left_on=None)
        .values(left_on=today())
        .execution_options(synchronize_session=False)
    )


def _is_last(grant: Grant) -> bool:
    """Whether one holder is left; two who leave at once wait for each other here."""
    holders = select(RoleGrant.id).filter_by(revoked_at=None, **vars(grant))
    locked = holders.order_by(RoleGrant.id).with_for_update()
    return len(db.session.scalars(locked).all()) < 2
