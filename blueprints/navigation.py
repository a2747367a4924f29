"""What the workspace menu offers to whom."""

from dataclasses import dataclass

from flask import Flask, current_app, url_for

from core.access import Actor, find_actor, policy_of
from core.i18n import lazy_gettext as _l


@dataclass(frozen=True)
class MenuEntry:
    """A page of the workspace; who has it is what the policy of its view says."""

    key: str
    label: object
    about: object
    icon: str
    endpoint: str


@dataclass(frozen=True)
class NavItem:
    """A menu entry resolved for one page."""

    key: str
    label: str
    about: str
    icon: str
    href: str


MENU = (
    MenuEntry(
        "desk",
        _l("今天"),
        _l("等您办的，急的在前"),
        "layout-dashboard",
        "desk.index",
    ),
    MenuEntry("live", _l("直播"), _l("排场次，进直播台"), "radio", "live.sessions"),
    MenuEntry(
        "goods", _l("商品"), _l("写商品，看价格和库存"), "store", "catalogue.listings"
    ),
    MenuEntry("ship", _l("发货"), _l("装箱、寄出、填单号"), "truck", "orders.shipping"),
    MenuEntry(
        "orders",
        _l("订单收款"),
        _l("每一单的钱到了没有"),
        "clipboard-list",
        "orders.desk",
    ),
    MenuEntry(
        "refunds", _l("退款"), _l("谁要退，退到哪一步"), "scale", "orders.refunds"
    ),
    MenuEntry(
        "attention",
        _l("要人处理"),
        _l("系统自己走不下去的事"),
        "circle-alert",
        "orders.needs_attention",
    ),
    MenuEntry(
        "income", _l("收入报表"), _l("各村各户分到多少"), "wallet", "income.report"
    ),
    MenuEntry(
        "training",
        _l("培训档案"),
        _l("自己的帮带、培训和锻炼"),
        "award",
        "training.portfolio",
    ),
    MenuEntry(
        "records",
        _l("培训登记"),
        _l("登记培训、考核和证书"),
        "users",
        "training.records",
    ),
    MenuEntry(
        "roles",
        _l("岗位权限"),
        _l("谁能办什么事，邀请和结束"),
        "user-round",
        "register.roles",
    ),
)


def menu_of(actor: Actor | None) -> list[NavItem]:
    """The entries a person may open, in the menu's order; a buyer has no workspace."""
    if actor is None or not actor.grants:
        return []
    views = current_app.view_functions
    return [
        NavItem(
            entry.key,
            str(entry.label),
            str(entry.about),
            entry.icon,
            url_for(entry.endpoint),
        )
        for entry in MENU
        if (policy := policy_of(views[entry.endpoint])) and policy.admits(actor)
    ]


def home_of(actor: Actor | None) -> str:
    """Where somebody begins: at what waits for them, a buyer at their own page."""
    has_work = actor is not None and actor.grants
    return url_for("desk.index" if has_work else "accounts.me")


def may_open(endpoint: str) -> bool:
    """Whether the policy of a view admits who reads this page."""
    policy = policy_of(current_app.view_functions[endpoint])
    return policy is not None and policy.admits(find_actor())


def init_navigation(app: Flask) -> None:
    """Give templates the menu of the logged-in person, and what they may open."""
    app.add_template_global(may_open)
    app.add_template_global(lambda: menu_of(find_actor()), "work_menu")
