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
from queries.live.replays import (
    EndedSession,
    Replay,
    ReplayChapter,
    find_ended,
    is_replay_coming,
    replay_of,
)
from queries.live.rooms import (
    Box,
    Moment,
    Offer,
    Room,
    get_own_session,
    get_room,
    get_session,
    get_studio_room,
    may_run,
    timeline,
)
from queries.live.showing import Explanation, find_explanation, session_showing
from queries.live.state import RoomState, get_state
from queries.live.talk import Line

__all__ = [
    "Box",
    "EndedSession",
    "Explanation",
    "Line",
    "Moment",
    "Offer",
    "Replay",
    "ReplayChapter",
    "Room",
    "RoomState",
    "SessionFigures",
    "alliance_choices",
    "day_heading",
    "find_ended",
    "find_explanation",
    "get_own_session",
    "get_room",
    "get_session",
    "get_state",
    "get_studio_room",
    "host_choices",
    "is_replay_coming",
    "line_up_ids",
    "may_run",
    "own_sessions",
    "product_choices",
    "replay_of",
    "session_figures",
    "session_showing",
    "sessions_on_air",
    "sessions_past",
    "sessions_to_come",
    "timeline",
]
