"""The demo's logins, shown in demo mode only."""

from dataclasses import dataclass

from core.errors import N_
from domain.roles import Role

DEMO_PASSWORD = "tianbo-demo"  # noqa: S105 - public on purpose


@dataclass(frozen=True)
class DemoLogin:
    """A demo person: phone, and what they do."""

    phone: str
    role: str
    password: str = DEMO_PASSWORD


LOGINS = (
    DemoLogin("13800000001", N_("买家")),
    *(
        DemoLogin(f"138000000{role.demo:02d}", role.label)
        for role in sorted(Role, key=lambda role: role.demo or 0)
        if role.demo
    ),
    DemoLogin("13800000016", N_("区组织员（第二位）")),
)
