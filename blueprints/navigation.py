"""What the workspace menu offers to whom."""

from dataclasses import dataclass

from flask import Flask, url_for

from core.access import Actor, Role, find_actor
from core.i18n import lazy_gettext as _l

SHOP_SIDE = frozenset({Role.MEMBER, Role.LEAD})


@dataclass(frozen=True)
class MenuEntry:
    """A page of the workspace and the roles that have it."""

    key: str
    label: object
    icon: str
    endpoint: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class NavItem:
    """A menu entry resolved for one page."""

    key: str
    label: str
    icon: str
    href: str


MENU = (
    MenuEntry("live", _l("直播"), "radio", "live.sessions", SHOP_SIDE),
    MenuEntry("goods", _l("商品"), "store", "catalogue.listings", SHOP_SIDE),
    MenuEntry(
        "ship",
        _l("发货"),
        "truck",
        "orders.shipping",
        SHOP_SIDE | {Role.ACCOUNTANT},
    ),
    MenuEntry(
        "orders",
        _l("订单收款"),
        "clipboard-list",
        "orders.desk",
        frozenset({Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR}),
    ),
    MenuEntry(
        "refunds",
        _l("退款"),
        "scale",
        "orders.refunds",
        frozenset({Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR}),
    ),
    MenuEntry(
        "attention",
        _l("要人处理"),
        "circle-alert",
        "orders.needs_attention",
        frozenset({Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR}),
    ),
    MenuEntry(
        "income",
        _l("收入报表"),
        "wallet",
        "income.report",
        frozenset({Role.ACCOUNTANT, Role.CHAIR, Role.SECRETARY, Role.AUDITOR}),
    ),
    MenuEntry(
        "training",
        _l("培训档案"),
        "award",
        "training.portfolio",
        SHOP_SIDE | {Role.TRAINER},
    ),
    MenuEntry(
        "records",
        _l("培训登记"),
        "users",
        "training.records",
        frozenset({Role.TRAINER, Role.TOWN_OFFICER, Role.DISTRICT_OFFICER, Role.LEAD}),
    ),
)


def menu_of(actor: Actor | None) -> list[NavItem]:
    """The entries a person may open, in the menu's order."""
    if actor is None:
        return []
    return [
        NavItem(entry.key, str(entry.label), entry.icon, url_for(entry.endpoint))
        for entry in MENU
        if actor.has_role(*entry.roles)
    ]


def init_navigation(app: Flask) -> None:
    """Give templates the menu of the logged-in person."""
    app.add_template_global(lambda: menu_of(find_actor()), "work_menu")
