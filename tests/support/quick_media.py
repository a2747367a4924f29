"""`python -m tests.support.quick_media`: the media server with its clocks wound fast.

What it does at an interval it does more often, so that tests need not wait for it.
"""

import sys

from media import __main__ as server
from media import app, redis_feed, rooms, web_sync
from media.events import channel, fan_out
from media.video import live_stream, recorder

app.TEND_EVERY_S = 0.25
channel.OLDEST_REPORT_S = 0.5
channel.VIEWERS_EVERY_S = 0.2
fan_out.PATIENCE_S = 4
live_stream.DEAD_S = 2.0
live_stream.HEALTH_EVERY_S = 0.5
recorder.PAUSE_S = 1.0
redis_feed.COUNTS_EVERY_S = 0.2
rooms.SOONEST_AGAIN_S = 0.5
web_sync.EVERY_S = 2.0
web_sync.SOONEST_S = 0.2

if __name__ == "__main__":
    sys.exit(server.main())
