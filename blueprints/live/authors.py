"""What people are called in a room's talk."""

from blueprints.buyers import find_buyer
from core.database import AnyRow
from domain.orders.buyers import Buyer
from models.live import LiveSession
from services.live.talk import author_of


def find_author(session_id: int) -> str:
    """What this browser is called in a session; "" before it was known."""
    buyer = find_buyer()
    return author_of(session_id, buyer) if buyer else ""


def host_author(session: AnyRow | LiveSession) -> str:
    """What the host is called in the session."""
    return author_of(session.id, Buyer(account_id=session.host_id))
