"""Names and limits of what may not happen too often."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class RateLimit:
    """At most `hits` in each fixed window of `window` for one subject."""

    name: str
    hits: int
    window: timedelta


LOGIN_PER_PHONE = RateLimit("login-phone", 10, timedelta(minutes=15))
LOGIN_BY_CODE_PER_PHONE = RateLimit("login-code-phone", 10, timedelta(minutes=15))
LOGIN_PER_ADDRESS = RateLimit("login-address", 60, timedelta(minutes=15))
CODE_PER_PHONE = RateLimit("code-phone", 5, timedelta(hours=1))
CODE_PER_ADDRESS = RateLimit("code-address", 30, timedelta(hours=1))
CHECKOUT_PER_ADDRESS = RateLimit("checkout-address", 60, timedelta(minutes=10))
UPLOAD_PER_ACCOUNT = RateLimit("upload-account", 120, timedelta(hours=1))
LINK_PER_PHONE = RateLimit("link-phone", 5, timedelta(hours=1))
LINK_PER_ADDRESS = RateLimit("link-address", 30, timedelta(hours=1))
TALK_PER_SPEAKER = RateLimit("talk-speaker", 6, timedelta(seconds=10))
TALK_PER_ADDRESS = RateLimit("talk-address", 120, timedelta(minutes=1))
NEW_SPEAKERS_PER_ADDRESS = RateLimit("talk-newcomer", 10, timedelta(minutes=1))
TALK_PER_ROOM = RateLimit("talk-room", 300, timedelta(seconds=10))
