"""Who enters training records, and who else reads them."""

from typing import Any

from core.access import get_actor
from core.errors import NotFound
from domain.roles import Role
from queries.training.members import Member, find_member, training_scope

ENTERERS = (Role.TRAINER, Role.LEAD, Role.TOWN_OFFICER, Role.DISTRICT_OFFICER)
READERS = (*ENTERERS, Role.AUDITOR)


def get_member(account_id: int) -> Member:
    """A member whose portfolio this person may read. Raises NotFound."""
    found = find_member(account_id, training_scope(get_actor()))
    if found is None:
        raise NotFound
    return found


def may_enter_for(account_id: int) -> bool:
    """Whether this person may add to a member's portfolio; not to the own."""
    person = get_actor()
    if account_id == person.account_id or not person.has_role(*ENTERERS):
        return False
    return find_member(account_id, training_scope(person, may_enter=True)) is not None


def as_choice(members: Any) -> list[tuple[str, str]]:
    """Members as choices of a form, with their alliance to tell them apart."""
    return [(str(one.account_id), f"{one.name} · {one.alliance}") for one in members]
