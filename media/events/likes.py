"""POST /rooms/<room>/likes: somebody taps the heart."""

from time import monotonic

from starlette.requests import Request
from starlette.responses import Response

from core.room_tokens import Purpose
from media.doors import NEVER_KEPT, pass_of

PER_S = 4.0
AT_ONCE = 12.0
MOST_TAPPERS = 50_000


class Taps:
    """How many likes each person has left: a bucket that fills by PER_S."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, tapper: str) -> bool:
        """Use up one, if there is one."""
        now = monotonic()
        left, at = self._buckets.pop(tapper, (AT_ONCE, now))
        left = min(AT_ONCE, left + (now - at) * PER_S)
        is_good = left >= 1
        self._buckets[tapper] = (left - is_good, now)
        if len(self._buckets) > MOST_TAPPERS:
            del self._buckets[next(iter(self._buckets))]
        return is_good


async def like(request: Request) -> Response:
    """204; 429 for who taps like a machine; 404 in a room nobody has entered."""
    granted = pass_of(request, Purpose.WATCH, Purpose.RUN)
    room = request.app.state.rooms.find(granted.room)
    if room is None:
        return Response(status_code=404, headers=NEVER_KEPT)
    tapper = f"{granted.room} {granted.subject or request.query_params.get('token')}"
    if not request.app.state.taps.take(tapper):
        return Response(status_code=429, headers={**NEVER_KEPT, "Retry-After": "1"})
    room.audience.like()
    return Response(status_code=204, headers=NEVER_KEPT)
