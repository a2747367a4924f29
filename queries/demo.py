"""The demo's logins, shown in demo mode only, and the room that its film feeds."""

from dataclasses import dataclass

from sqlalchemy import select

from core.database import db
from core.errors import N_
from domain.live import Place, SessionState
from models import LiveSession

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


@dataclass(frozen=True)
class RoomOnAir:
    """One of our own rooms: its slug, and the generation of its stream key."""

    slug: str
    stream_key: int


def find_room_on_air() -> RoomOnAir | None:
    """Our own room that went on air last, of those that are on air."""
    row = db.session.execute(
        select(LiveSession.slug, LiveSession.stream_key)
        .where(LiveSession.state == SessionState.LIVE, LiveSession.place == Place.ROOM)
        .order_by(LiveSession.started_at.desc(), LiveSession.id.desc())
        .limit(1)
    ).one_or_none()
    return RoomOnAir(*row) if row else None
