from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from core import clock
from core.access import NOBODY, Actor, Grant
from core.database import db, forget_reads, transaction
from core.errors import DomainError, NotFound
from domain.live import EventKind
from domain.live_chat import (
    LeadsElsewhere,
    Muted,
    NameOfTheirs,
    NameRefused,
    NotOnAir,
    RoomTooLoud,
    TooFast,
)
from domain.roles import Role, ScopeKind
from models.live import LiveEvent
from queries.live.chat import MODERATION, ChatLine
from queries.live.rooms import get_room, timeline
from services.accounts.sessions import revoke_role
from services.live import chat, running
from services.live.chat import NoSuchAuthor
from services.orders.buyers import start_visit
from services.rates import TALK_PER_ROOM, TALK_PER_SPEAKER
from tests.support.factories import Goods, Person, Place, actor_of, make_person
from tests.support.queries import count_queries
from tests.support.studio import make_room, make_session, session_of, speak

START = datetime(2026, 3, 10, 8, tzinfo=UTC)


@pytest.fixture
def room(place: Place, alice: Person, goods: Goods) -> int:
    with transaction():
        return make_room(place, alice, goods).id


@pytest.fixture
def guest() -> Actor:
    with transaction():
        visitor_id, _token = start_visit()
    return Actor(visitor_id=visitor_id)


def said(room: int) -> list[str]:
    lines = [line.text for line in get_room(NOBODY, session_of(room).slug).chat]
    forget_reads()
    return lines


def say(room: int, who: Person | Actor, *texts: str) -> list[ChatLine]:
    with transaction():
        return [speak(room, who, text) for text in texts]


def test_what_is_said_stands_in_the_timeline(
    room: int, charlie: Person, guest: Actor
) -> None:
    say(room, charlie, "甜不甜？")
    say(room, guest, "发济南几天到")

    assert said(room) == ["甜不甜？", "发济南几天到"]
    rows = db.session.execute(
        select(LiveEvent.seq, LiveEvent.kind, LiveEvent.account_id)
    ).all()
    assert [tuple(row) for row in rows] == [
        (1, "go_live", rows[0].account_id),
        (2, "message", charlie.id),
        (3, "message", None),
    ]


def test_names_in_public_say_little(room: int, charlie: Person, guest: Actor) -> None:
    with transaction():
        signed_in = speak(room, charlie, "在", name="别的名字")
        named = speak(room, guest, "在", name="爱吃姜的人")
        nameless = speak(room, guest, "在")

    assert signed_in.name == "查**"
    assert named.name == "爱吃姜的人"
    assert nameless.name.startswith("游客")
    assert named.author == nameless.author != signed_in.author


def test_a_guest_is_not_called_as_the_host_or_the_lead(
    place: Place, room: int, alice: Person, guest: Actor
) -> None:
    with transaction():
        lead = Grant(Role.LEAD, ScopeKind.ALLIANCE, place.alliance_id)
        former, present = make_person("赵大山", lead), make_person("孙立夏", lead)
        revoke_role(former.id, lead)

    for name in (alice.name, present.name):
        with pytest.raises(NameOfTheirs), transaction():
            speak(room, guest, "加我", name=f" {name[0]}\u200d{name[1:]}")
    with transaction():
        assert speak(room, guest, "在", name=former.name).name == former.name


def test_nobody_can_tell_who_is_behind_an_author(
    place: Place, alice: Person, goods: Goods, room: int, charlie: Person
) -> None:
    with transaction():
        other = make_room(place, alice, goods).id
    [here], [there] = say(room, charlie, "在"), say(other, charlie, "在")

    assert here.author != there.author
    assert str(charlie.id) != here.author


def test_a_visitor_is_not_the_account_of_the_same_number(room: int) -> None:
    visitor = chat.author_of(room, Actor(visitor_id=7))

    assert visitor != chat.author_of(room, Actor(account_id=7))


def test_numbers_are_masked_before_anyone_reads_them(
    room: int, charlie: Person
) -> None:
    say(room, charlie, "打13812345678")

    assert said(room) == ["打138****"]
    kept = db.session.scalars(select(LiveEvent.detail)).all()
    assert "13812345678" not in str(kept)


@pytest.mark.parametrize(
    ("text", "name", "error"),
    [("加微信 abcdef1", "", LeadsElsewhere), ("在吗", "官方客服", NameRefused)],
)
def test_what_is_refused_leaves_nothing(
    room: int, guest: Actor, text: str, name: str, error: type[DomainError]
) -> None:
    with pytest.raises(error), transaction():
        speak(room, guest, text, name)
    assert said(room) == []


def test_nobody_speaks_before_and_after(
    place: Place, alice: Person, goods: Goods, charlie: Person
) -> None:
    with transaction():
        planned = make_session(place, alice, goods).id
    with pytest.raises(NotOnAir):
        say(planned, charlie, "有人吗")
    with transaction():
        running.go_live(actor_of(alice), planned)
    say(planned, charlie, "有人吗")
    with transaction():
        running.end_session(actor_of(alice), planned)

    with pytest.raises(NotOnAir):
        say(planned, charlie, "有人吗")
    assert said(planned) == ["有人吗"]


def test_a_line_is_hidden_once(room: int, alice: Person, charlie: Person) -> None:
    lines = say(room, charlie, "一", "二", "三")

    for _time in range(2):
        with transaction():
            chat.hide(actor_of(alice), room, lines[1].seq)

    assert said(room) == ["一", "三"]
    hides = select(LiveEvent.detail).where(LiveEvent.kind == EventKind.HIDE)
    assert list(db.session.scalars(hides)) == [{"seq": lines[1].seq}]


@pytest.mark.parametrize("seq", [1, 99, 2**31, 2**63 - 1])
def test_only_what_was_said_can_be_hidden(room: int, alice: Person, seq: int) -> None:
    with pytest.raises(NotFound), transaction():
        chat.hide(actor_of(alice), room, seq)


def test_who_is_muted_says_no_more_and_is_not_seen(
    room: int, alice: Person, charlie: Person, guest: Actor
) -> None:
    [line] = say(room, charlie, "捣乱")
    say(room, guest, "好吃")

    for _time in range(2):
        with transaction():
            chat.mute(actor_of(alice), room, line.author)

    with pytest.raises(Muted):
        say(room, charlie, "还捣乱")
    say(room, guest, "真好吃")
    assert said(room) == ["好吃", "真好吃"]
    mutes = select(LiveEvent.detail).where(LiveEvent.kind == EventKind.MUTE)
    assert list(db.session.scalars(mutes)) == [
        {"author": line.author, "name": line.name}
    ]


def test_who_is_let_speak_again_does_so_and_the_past_stays_away(
    room: int, alice: Person, charlie: Person
) -> None:
    [line] = say(room, charlie, "捣乱")
    for _time in range(2):
        with transaction():
            chat.mute(actor_of(alice), room, line.author)
        for _again in range(2):
            with transaction():
                chat.unmute(actor_of(alice), room, line.author)
        say(room, charlie, "对不起")
        assert said(room) == ["对不起"]

    kinds = db.session.scalars(select(LiveEvent.kind).order_by(LiveEvent.seq)).all()
    tending = [kind for kind in kinds if kind in MODERATION]
    assert tending == [EventKind.MUTE, EventKind.UNMUTE] * 2


@pytest.mark.parametrize("author", ["", "x", "a" * 12, "'; DROP", "³" * 12])
def test_who_was_never_muted_need_not_be_let_speak(
    room: int, alice: Person, author: str
) -> None:
    with transaction():
        chat.unmute(actor_of(alice), room, author)

    unmutes = select(LiveEvent.id).where(LiveEvent.kind == EventKind.UNMUTE)
    assert list(db.session.scalars(unmutes)) == []


@pytest.mark.parametrize("author", ["", "x", "A" * 12, "a" * 13, "'; DROP", "³" * 12])
def test_nobody_is_called_so(room: int, alice: Person, author: str) -> None:
    with pytest.raises(NoSuchAuthor), transaction():
        chat.mute(actor_of(alice), room, author)


def test_one_person_does_not_fill_the_room(
    room: int, charlie: Person, guest: Actor
) -> None:
    with clock.at(START):
        for number in range(TALK_PER_SPEAKER.hits):
            say(room, charlie, f"第 {number} 句")
        for _time in range(2):
            with pytest.raises(TooFast) as refused:
                say(room, charlie, "还有")
        say(room, guest, "我也说一句")
    with clock.at(START + TALK_PER_SPEAKER.window):
        say(room, charlie, "接着说")

    assert refused.value.retry_after_s == TALK_PER_SPEAKER.window.total_seconds()
    assert said(room)[-2:] == ["我也说一句", "接着说"]


def test_all_together_do_not_drown_the_room(room: int) -> None:
    with clock.at(START):
        with transaction():
            for visitor_id in range(TALK_PER_ROOM.hits):
                speak(room, Actor(visitor_id=visitor_id), "在")
        with pytest.raises(RoomTooLoud):
            say(room, Actor(visitor_id=10**6), "在")


def test_lines_are_numbered_in_their_order(room: int, charlie: Person) -> None:
    lines = say(room, charlie, "一", "二") + say(room, charlie, "三")

    assert [line.seq for line in lines] == [2, 3, 4]


def test_a_hundred_thousand_lines_are_never_all_read(
    room: int, alice: Person, goods: Goods, charlie: Person
) -> None:
    with transaction() as session:
        rows = [
            {
                "session_id": room,
                "seq": seq,
                "kind": EventKind.MESSAGE,
                "at": START + timedelta(seconds=seq),
                "detail": {"name": "游客", "text": f"第 {seq} 句", "author": "ab"},
            }
            for seq in range(2, 5_002)
        ]
        session.execute(insert(LiveEvent), rows)
    with transaction():
        running.pin(actor_of(alice), room, goods.id)
    slug = session_of(room).slug
    forget_reads()

    with count_queries() as statements:
        seen = get_room(NOBODY, slug)
        moments = timeline(room)

    reading = [line for line in statements if "live_event" in line]
    assert len([line for line in statements if line.startswith("SELECT")]) == 3
    assert all("kind IN" in line for line in reading)
    assert len(moments) == 2
    assert seen.view.pin_seq is not None
    assert [line.seq for line in seen.chat] == list(range(4_952, 5_002))


def test_the_tail_has_fifty_lines_without_the_hidden(
    room: int, alice: Person, charlie: Person
) -> None:
    with transaction() as session:
        rows = [
            {
                "session_id": room,
                "seq": seq,
                "kind": EventKind.MESSAGE,
                "at": START,
                "detail": {"name": "游客", "text": str(seq), "author": "ab"},
            }
            for seq in range(2, 102)
        ]
        session.execute(insert(LiveEvent), rows)
        for seq in range(80, 100):
            chat.hide(actor_of(alice), room, seq)

    texts = said(room)
    assert len(texts) == 50
    assert texts[-3:] == ["79", "100", "101"]


def test_talk_pins_and_ends_nothing(
    room: int, alice: Person, goods: Goods, charlie: Person
) -> None:
    with transaction():
        running.pin(actor_of(alice), room, goods.id)
    say(room, charlie, "就要这个")
    slug = session_of(room).slug

    view = get_room(NOBODY, slug).view

    assert (view.state, view.pinned_product_id) == ("live", goods.id)
    assert [moment.kind for moment in timeline(room)] == ["pin", "go_live"]
