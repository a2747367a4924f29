"""What is said in a live room, and how its host keeps it decent."""

import hashlib
import hmac
import re

from sqlalchemy import exists, select

from core.access import HOUSE, Actor
from core.config import current_settings
from core.database import db
from core.errors import N_, Invalid, NotFound
from domain.live import EventKind
from domain.live_chat import (
    RoomTooLoud,
    TooFast,
    check_may_speak,
    check_own_name,
    clean_name,
    clean_text,
    guest_name,
    masked_name,
)
from models.live import LiveEvent, LiveSession
from queries.live.chat import (
    ChatLine,
    find_moderation,
    line_of,
    lines_by,
    names_in_charge,
)
from queries.scopes import lock
from services import rates
from services.live.announcing import announce
from services.live.running import hold, write
from services.rates import TALK_PER_ROOM, TALK_PER_SPEAKER

AUTHOR_DIGITS = 12
LARGEST_SEQ = 2**31 - 1
_AUTHOR = re.compile(rf"[0-9a-f]{{{AUTHOR_DIGITS}}}")


class NoSuchAuthor(Invalid):
    """Nobody is called so in this room."""

    code = "no_such_author"
    message = N_("没有找到这位观众，请刷新页面再试。")


def author_of(session_id: int, actor: Actor) -> str:
    """What one person is called within one session, in hexadecimal digits.

    The same person differs from session to session, and nobody without the key can
    tell who it is.
    """
    who = (
        f"account:{actor.account_id}"
        if actor.account_id is not None
        else f"visitor:{actor.visitor_id}"
    )
    key = current_settings().secret_key.encode()
    digest = hmac.new(key, f"talk:{session_id}:{who}".encode(), hashlib.sha256)
    return digest.hexdigest()[:AUTHOR_DIGITS]


def say(
    actor: Actor,
    session_id: int,
    text: str,
    *,
    name: str = "",
    known_as: str | None = None,
) -> ChatLine:
    """Write a line of talk into a running session, which everybody may.

    name: what a guest wants to be called, perhaps "". known_as: the name of the
    account that is logged in, shown masked instead.
    Raises NotFound, NotOnAir, Muted, TooFast, RoomTooLoud, NameRefused, NameOfTheirs,
    and what clean_text raises.
    """
    text = clean_text(text)
    author = author_of(session_id, actor)
    name = masked_name(known_as) if known_as else clean_name(name)
    session = lock(LiveSession, session_id, HOUSE)
    check_may_speak(session.state, author, find_moderation(session_id).muted)
    if name and not known_as:
        check_own_name(name, names_in_charge(session))
    _count(session_id, author)
    name = name or guest_name(author)
    event = write(
        session_id, EventKind.MESSAGE, actor, name=name, text=text, author=author
    )
    line = line_of(event)
    announce(session.slug, "chat", **line.to_json())
    return line


def hide(actor: Actor, session_id: int, seq: int) -> None:
    """Take one line of talk out of the room; again changes nothing. Raises NotFound."""
    session = hold(actor, session_id)
    if not _is_message(session_id, seq):
        raise NotFound()
    if seq not in find_moderation(session_id).hidden:
        write(session_id, EventKind.HIDE, actor, seq=seq)
        announce(session.slug, "hide", seq=seq)


def mute(actor: Actor, session_id: int, author: str) -> None:
    """Let a person say no more in this session, and take out what they said last.

    Raises NoSuchAuthor for what is no author; muting again changes nothing.
    """
    session = hold(actor, session_id)
    if not _AUTHOR.fullmatch(author):
        raise NoSuchAuthor()
    if author in find_moderation(session_id).muted:
        return
    lines = lines_by(session_id, author)
    for line in lines:
        announce(session.slug, "hide", seq=line.seq)
    name = lines[-1].name if lines else guest_name(author)
    write(session_id, EventKind.MUTE, actor, author=author, name=name)


def unmute(actor: Actor, session_id: int, author: str) -> None:
    """Let a person speak again; what was taken out stays out.

    Letting somebody speak who may changes nothing.
    """
    hold(actor, session_id)
    if author in find_moderation(session_id).muted:
        write(session_id, EventKind.UNMUTE, actor, author=author)


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
