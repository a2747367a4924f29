"""Who may hold which role: one line each. CHECKs, menus, `flask user grant` and the
demo's people derive from it.
"""

from enum import StrEnum

from core.errors import N_


class ScopeKind(StrEnum):
    """What a role is limited to. What lies inside what: queries/areas.py."""

    ALLIANCE = "alliance"
    COOPERATIVE = "cooperative"
    VILLAGE = "village"
    GRID = "grid"
    SHOP = "shop"
    WORKSHOP = "workshop"
    TOWN = "town"
    DISTRICT = "district"


S = ScopeKind


class Role(StrEnum):
    """What a person is, within a scope.

    label: how people call it; scopes: the kinds that it may be held in; demo: the
    number of the demo's person who holds it in the first of these, None until the
    role has pages.
    """

    label: str
    scopes: tuple[ScopeKind, ...]
    demo: int | None

    def __new__(
        cls,
        value: str,
        label: str = "",
        scopes: tuple[ScopeKind, ...] = (),
        demo: int | None = None,
    ) -> "Role":
        """A role is its own name, as the database keeps it."""
        role = str.__new__(cls, value)
        role._value_ = value
        role.label, role.scopes, role.demo = label, scopes, demo
        return role

    MEMBER = "member", N_("联盟成员（主播）"), (S.ALLIANCE,), 2
    LEAD = "lead", N_("联盟负责人"), (S.ALLIANCE,), 3
    ACCOUNTANT = "accountant", N_("合作社会计"), (S.COOPERATIVE,), 4
    CHAIR = "chair", N_("合作社理事长"), (S.COOPERATIVE,), 5
    FARMER = "farmer", N_("农户"), (S.COOPERATIVE,), None
    SECRETARY = "secretary", N_("第一书记"), (S.VILLAGE,), 7
    GRID_MEMBER = "grid_member", N_("网格员"), (S.GRID,), None
    GRID_LEAD = "grid_lead", N_("网格长"), (S.GRID,), None
    SHOPKEEPER = "shopkeeper", N_("党建超市店主"), (S.SHOP,), None
    VETERAN = "veteran", N_("老党员"), (S.WORKSHOP,), None
    WORKSHOP_LEAD = "workshop_lead", N_("工作室负责人"), (S.WORKSHOP,), None
    TRAINER = "trainer", N_("培训老师"), (S.ALLIANCE, S.TOWN, S.DISTRICT), 12
    TOWN_OFFICER = "town_officer", N_("镇组织员"), (S.TOWN,), 13
    DISTRICT_OFFICER = "district_officer", N_("区组织员"), (S.DISTRICT,), 14
    AUDITOR = "auditor", N_("审计"), (*reversed(S),), 15


STUDIO_ROLES = (Role.MEMBER, Role.LEAD)
"""Who writes the listings of an alliance and works on its sessions."""
PACKERS = (Role.MEMBER, Role.LEAD, Role.ACCOUNTANT)
BOOK_READERS = (Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR)
"""Who reads the orders and refunds of a cooperative; auditors do nothing else."""
INCOME_READERS = (*BOOK_READERS, Role.SECRETARY)
