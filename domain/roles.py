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
TAUGHT = (S.ALLIANCE, S.TOWN, S.DISTRICT)


class Role(StrEnum):
    """What a person is, within a scope.

    label: how people call it; scopes: the kinds that it may be held in; demo: the
    number of the demo's person who holds it in the first of these, None until the
    role has pages; given_by: the roles that may give it, beside the district's officer.
    """

    label: str
    scopes: tuple[ScopeKind, ...]
    demo: int | None
    given_by: tuple[str, ...]

    def __new__(
        cls,
        value: str,
        label: str = "",
        scopes: tuple[ScopeKind, ...] = (),
        demo: int | None = None,
        given_by: str = "",
    ) -> "Role":
        """A role is its own name, as the database keeps it."""
        role = str.__new__(cls, value)
        role._value_ = value
        role.label, role.scopes, role.demo = label, scopes, demo
        role.given_by = tuple(given_by.split())
        return role

    MEMBER = "member", N_("联盟成员（主播）"), (S.ALLIANCE,), 2, "lead town_officer"
    LEAD = "lead", N_("联盟负责人"), (S.ALLIANCE,), 3, "town_officer"
    ACCOUNTANT = "accountant", N_("合作社会计"), (S.COOPERATIVE,), 4, "chair"
    CHAIR = "chair", N_("合作社理事长"), (S.COOPERATIVE,), 5, "town_officer"
    FARMER = "farmer", N_("农户"), (S.COOPERATIVE,), None
    SECRETARY = "secretary", N_("第一书记"), (S.VILLAGE,), 7, "town_officer"
    GRID_MEMBER = "grid_member", N_("网格员"), (S.GRID,), None
    GRID_LEAD = "grid_lead", N_("网格长"), (S.GRID,), None
    SHOPKEEPER = "shopkeeper", N_("党建超市店主"), (S.SHOP,), None
    VETERAN = "veteran", N_("老党员"), (S.WORKSHOP,), None
    WORKSHOP_LEAD = "workshop_lead", N_("工作室负责人"), (S.WORKSHOP,), None
    TRAINER = "trainer", N_("培训老师"), TAUGHT, 12, "town_officer"
    TOWN_OFFICER = "town_officer", N_("镇组织员"), (S.TOWN,), 13
    DISTRICT_OFFICER = "district_officer", N_("区组织员"), (S.DISTRICT,), 14
    AUDITOR = "auditor", N_("审计"), (*reversed(S),), 15, "town_officer"


STUDIO_ROLES = (Role.MEMBER, Role.LEAD)
"""Who writes the listings of an alliance and works on its sessions."""
PACKERS = (Role.MEMBER, Role.LEAD, Role.ACCOUNTANT)
BOOK_READERS = (Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR)
"""Who reads the orders and refunds of a cooperative; auditors do nothing else."""
INCOME_READERS = (*BOOK_READERS, Role.SECRETARY)
ROLE_READERS = (
    Role.LEAD,
    Role.CHAIR,
    Role.TOWN_OFFICER,
    Role.DISTRICT_OFFICER,
    Role.AUDITOR,
)
"""Who reads which people hold which roles in the own scope."""
ROLE_GIVERS = tuple(one for one in ROLE_READERS if one is not Role.AUDITOR)


def givers_of(role: Role, kind: ScopeKind) -> tuple[Role, ...]:
    """The roles through which somebody may give `role` in a scope of `kind`.

    Nobody gives what stands beside or above: a town is audited for the district, and
    what holds in the whole district only its officers give, two together.
    """
    if kind is S.DISTRICT or (role is Role.AUDITOR and kind is S.TOWN):
        return (Role.DISTRICT_OFFICER,)
    return (*map(Role, role.given_by), Role.DISTRICT_OFFICER)
