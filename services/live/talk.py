"""What is said in a live room, and how its host keeps it decent."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from sqlalchemy import exists, select

from core.config import current_settings
from core.database import db
from core.errors import N_, Invalid, NotFound
from domain.live import EventKind
from domain.live_talk import (
    RoomTooLoud,
    TooFast,
    check_may_speak,
    clean_name,
    clean_text,
    guest_name,
    masked_name,
)
from domain.orders.buyers import Buyer
from models.live import LiveEvent, LiveSession
from queries.live.talk import Line, find_tending, line_of, lines_by
from services import rates
from services.live.announcing import millis, tell
from services.live.timeline import hold, write
from services.rates import TALK_PER_ROOM, TALK_PER_SPEAKER

AUTHOR_DIGITS = 12
LARGEST_SEQ = 2**31 - 1
_AUTHOR = re.compile(rf"[0-9a-f]{{{AUTHOR_DIGITS}}}")


class NoSuchAuthor(Invalid):
    """Nobody is called so in this room."""

    code = "no_such_author"
    message = N_("没有找到这位观众，请刷新页面再试。")


@dataclass(frozen=True)
class Saying:
    """What somebody typed; `name` counts for guests only and may be empty."""

    text: str
    name: str = ""


def author_of(session_id: int, buyer: Buyer) -> str:
    """What one person is called within one session, in hexadecimal digits.

    The same person differs from session to session, and nobody without the key can
    tell who it is.
    """
    who = (
        f"account:{buyer.account_id}"
        if buyer.account_id is not None
        else f"visitor:{buyer.visitor_id}"
    )
    key = current_settings().secret_key.encode()
    digest = hmac.new(key, f"talk:{session_id}:{who}".encode(), hashlib.sha256)
    return digest.hexdigest()[:AUTHOR_DIGITS]


def say(
    session_id: int, buyer: Buyer, saying: Saying, *, known_as: str | None = None
) -> Line:
    """Write a line of talk into a running session.

    known_as: the name of the account that is logged in, shown masked.
    Raises NotOnAir, Muted, TooFast, RoomTooLoud, NameRefused, and what clean_text
    raises.
    """
    text = clean_text(saying.text)
    author = author_of(session_id, buyer)
    name = masked_name(known_as) if known_as else clean_name(saying.name)
    held = hold(session_id)
    check_may_speak(held.state, author, find_tending(session_id).muted)
    _count(session_id, author)
    event = write(
        session_id,
        EventKind.MESSAGE,
        buyer.account_id,
        detail={"name": name or guest_name(author), "text": text, "author": author},
    )
    line = line_of(event.seq, millis(event.at), event.detail)
    tell(held.slug, "chat", line.to_json())
    return line


def hide(session: LiveSession, seq: int, *, by: int) -> None:
    """Take one line of talk out of the room; again changes nothing. Raises NotFound."""
    held = hold(session.id)
    if not _is_message(session.id, seq):
        raise NotFound()
    if seq not in find_tending(session.id).hidden:
        write(session.id, EventKind.HIDE, by, detail={"seq": seq})
        tell(held.slug, "hide", {"seq": seq})


def mute(session: LiveSession, author: str, *, by: int) -> None:
    """Let a person say no more in this session, and take out what they said last.

    Raises NoSuchAuthor for what is no author; muting again changes nothing.
    """
    if not _AUTHOR.fullmatch(author):
        raise NoSuchAuthor()
    held = hold(session.id)
    if author in find_tending(session.id).muted:
        return
    lines = lines_by(session.id, author)
    for line in lines:
        tell(held.slug, "hide", {"seq": line.seq})
    name = lines[-1].name if lines else guest_name(author)
    write(session.id, EventKind.MUTE, by, detail={"author": author, "name": name})


def unmute(session: LiveSession, author: str, *, by: int) -> None:
    """Let a person speak again; what was taken out stays out.

    Letting somebody speak who may changes nothing.
    """
    hold(session.id)
    if author in find_tending(session.id).muted:
        write(session.id, EventKind.UNMUTE, by, detail={"author": author})


def _count(session_id: int, author: str) -> None:
    """Count a line that is said; what is refused is rolled back and counts nowhere."""
    if wait_s := rates.count(TALK_PER_SPEAKER, author):
        raise TooFast(retry_after_s=wait_s)
    if wait_s := rates.count(TALK_PER_ROOM, str(session_id)):
        raise RoomTooLoud(retry_after_s=wait_s)


def _is_message(session_id: int, seq: int) -> bool:
    if seq > LARGEST_SEQ:
        return False
    message = exists().where(
        LiveEvent.session_id == session_id,
        LiveEvent.seq == seq,
        LiveEvent.kind == EventKind.MESSAGE,
    )
    return bool(db.session.scalar(select(message)))
