"""What the demo knows of itself: who may log in, what runs, what was missed."""

from queries.demo.logins import DEMO_PASSWORD, LOGINS, DemoLogin
from queries.demo.sessions import (
    SESSION_MARK,
    RoomOnAir,
    find_last_event_at,
    find_room_on_air,
    find_session_titled,
    is_room_on_air_since,
    line_up_on_sale,
    sessions_of_the_demo,
)

__all__ = [
    "DEMO_PASSWORD",
    "LOGINS",
    "SESSION_MARK",
    "DemoLogin",
    "RoomOnAir",
    "find_last_event_at",
    "find_room_on_air",
    "find_session_titled",
    "is_room_on_air_since",
    "line_up_on_sale",
    "sessions_of_the_demo",
]
