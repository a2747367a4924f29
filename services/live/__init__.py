"""Plan a live session, run it, talk in it, and write its one timeline."""

from services.live.announcing import (
    listing_changed,
    millis,
    stock_changed,
    unannounced,
)
from services.live.planning import (
    HostNotMember,
    NothingToSell,
    NotPlanned,
    SessionDraft,
    change_session,
    plan_session,
)
from services.live.recordings import keep_recording
from services.live.running import (
    NotTheHost,
    cancel,
    change_key,
    end,
    go_live,
    pin,
    unpin,
)
from services.live.talk import NoSuchAuthor, Saying, author_of, hide, mute, say, unmute

__all__ = [
    "HostNotMember",
    "NoSuchAuthor",
    "NotPlanned",
    "NotTheHost",
    "NothingToSell",
    "Saying",
    "SessionDraft",
    "author_of",
    "cancel",
    "change_key",
    "change_session",
    "end",
    "go_live",
    "hide",
    "keep_recording",
    "listing_changed",
    "millis",
    "mute",
    "pin",
    "plan_session",
    "say",
    "stock_changed",
    "unannounced",
    "unmute",
    "unpin",
]
