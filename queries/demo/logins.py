"""The demo's logins, shown in demo mode only."""

from dataclasses import dataclass

from core.errors import N_

DEMO_PASSWORD = "tianbo-demo"  # noqa: S105 - public on purpose


@dataclass(frozen=True)
class DemoLogin:
    """A demo person: phone, and what they do."""

    phone: str
    role: str
    password: str = DEMO_PASSWORD


LOGINS = (
    DemoLogin("13800000001", N_("买家")),
    DemoLogin("13800000002", N_("联盟成员（主播）")),
    DemoLogin("13800000003", N_("联盟负责人")),
    DemoLogin("13800000004", N_("合作社会计")),
    DemoLogin("13800000005", N_("合作社理事长")),
    DemoLogin("13800000007", N_("第一书记")),
    DemoLogin("13800000012", N_("培训老师")),
    DemoLogin("13800000013", N_("镇组织员")),
    DemoLogin("13800000015", N_("审计")),
)
