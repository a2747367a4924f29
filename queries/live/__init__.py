"""Live sessions as the shop and the studio show them."""

from queries.live.cards import (
    day_heading,
    own_sessions,
    sessions_on_air,
    sessions_past,
    sessions_to_come,
)
from queries.live.planning import (
    SessionFigures,
    alliance_choices,
    host_choices,
    line_up_ids,
    product_choices,
    session_figures,
)
from queries.live.rooms import (
    Box,
    Moment,
    Offer,
    Room,
    get_own_session,
    get_room,
    get_studio_room,
    may_run,
    timeline,
)

__all__ = [
    "Box",
    "Moment",
    "Offer",
    "Room",
    "SessionFigures",
    "alliance_choices",
    "day_heading",
    "get_own_session",
    "get_room",
    "get_studio_room",
    "host_choices",
    "line_up_ids",
    "may_run",
    "own_sessions",
    "product_choices",
    "session_figures",
    "sessions_on_air",
    "sessions_past",
    "sessions_to_come",
    "timeline",
]
