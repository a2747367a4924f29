"""What is being said in the demo's running session: guests ask, the host answers."""

from datetime import datetime, timedelta

from core import clock
from core.access import Actor
from core.database import db
from models.accounts import Account
from models.live import LiveSession
from services.live import chat
from services.orders.buyers import start_visit

HOST = "host"
BEGINS = timedelta(minutes=28)
EVERY = timedelta(seconds=32)
LINES = (
    ("泰安小赵", "这个蜜薯是面的还是糯的？"),
    (HOST, "软糯的，蒸二十分钟就流糖。我这就掰一个给您看。"),
    ("聊城王大哥", "上回买的十斤都吃完了，个头匀，这回再来一箱"),
    (HOST, "谢谢王大哥！还是东坡沙土地那一块的。"),
    ("", "今天挖的吗？"),
    (HOST, "早上刚挖的，泥还是湿的。今天下单今天装箱。"),
    ("济南李阿姨", "买多了怕放坏，能放多久？"),
    (HOST, "别洗，也别进冰箱，找个阴凉地方摊开，放二十来天没问题。"),
    ("滨州老刘", "路上碰破了咋办？"),
    (HOST, "拍张照就退，破的不用寄回来。"),
    ("泰安小赵", "下单了，给爸妈也寄一箱"),
    ("", "掰开这个颜色真好看"),
)
"""Who and what, while the sweet potatoes are shown; "" is a guest without a name."""


def let_people_talk(session: LiveSession, starts_at: datetime) -> None:
    """Let people talk in a session that runs since `starts_at`."""
    host = Actor(account_id=session.host_id)
    host_name = db.session.get_one(Account, session.host_id).name
    guests: dict[str, Actor] = {}
    for number, (who, text) in enumerate(LINES):
        with clock.at(starts_at + BEGINS + number * EVERY):
            if who == HOST:
                chat.say(host, session.id, text, known_as=host_name)
            else:
                guest = guests.get(who) or _come_in()
                guests[who] = guest
                chat.say(guest, session.id, text, name=who)


def _come_in() -> Actor:
    visitor_id, _token = start_visit()
    return Actor(visitor_id=visitor_id)
