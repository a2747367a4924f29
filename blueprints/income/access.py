"""Who reads the income pages, and who keeps their books."""

from core.access import get_actor
from domain.roles import Role
from queries.income.scope import bookkeeping_scope

READERS = (Role.ACCOUNTANT, Role.CHAIR, Role.SECRETARY, Role.AUDITOR)
SEERS_OF_PEOPLE = (Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR)


def sees_people() -> bool:
    """Whether the person may read who was employed; secretaries read the counts."""
    return get_actor().has_role(*SEERS_OF_PEOPLE)


def may_enter() -> bool:
    """Whether the person keeps some cooperative's books."""
    return bool(bookkeeping_scope(get_actor()).cooperative_ids)
