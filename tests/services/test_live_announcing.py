"""What rooms are told of sales, listings and their hosts; and that nobody waits."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core import clock
from core.access import HOUSE
from core.clock import now
from core.database import db, forget_reads, transaction
from domain.catalogue import ListingState
from domain.orders.states import PaymentMethod
from models.catalogue import Product, Variant
from models.live import LiveEvent
from services.catalogue.drafts import ListingDraft
from services.catalogue.reviewing import (
    approve_listing,
    submit_listing,
    withdraw_listing,
)
from services.catalogue.writing import save_listing
from services.live import chat
from services.live.announcing import unannounced
from services.live.running import cancel_session, end_session, pin, unpin
from services.orders import cancelling, drafts, offline
from services.orders.stock import OutOfStock
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    make_goods,
    place_order,
    stored_draft,
    with_box,
)
from tests.support.listener import Listener, settle
from tests.support.queries import count_queries
from tests.support.studio import make_room, make_session, session_of, speak

TRANSFER = PaymentMethod.BANK_TRANSFER


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test names its engines: what is told differs on none."""
    url: str = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    return url


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str, listener: Listener) -> Flask:
    return make_app(database_url, MEDIA_URL=listener.url)


@pytest.fixture
def room(place: Place, alice: Person, goods: Goods, listener: Listener) -> int:
    """A session on air, all of whose beginning was heard and forgotten."""
    with transaction():
        session_id = make_room(place, alice, goods).id
    listener.wait_for("stock", variant_id=goods.variant_id)
    listener.wait_for("state")
    settle()
    listener.heard.clear()
    return session_id


def buy(buyer: Person, goods: Goods, quantity: int = 1) -> drafts.PlacedOrder:
    with transaction():
        return place_order(buyer, goods, quantity=quantity, method=TRANSFER)


def draft_of(place: Place, goods: Goods, **changes: object) -> ListingDraft:
    """What a form of the listing would send with its box changed."""
    draft = with_box(stored_draft(place, goods), **changes)
    forget_reads()
    return draft


def test_going_live_tells_the_state_and_what_is_for_sale(
    place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    began = now()
    with transaction():
        slug = make_room(place, alice, goods).slug

    state = listener.wait_for("state")
    listener.wait_for("stock", variant_id=goods.variant_id, stock=100, listed=True)
    price = listener.wait_for("price", variant_id=goods.variant_id, price_fen=2_990)
    assert state["state"] == "live"
    assert state["at_ms"] >= int(began.timestamp() * 1000)
    assert price["at_us"] >= int(began.timestamp() * 1_000_000)
    assert {room for room, _kind, _data in listener.heard} == {slug}


def test_pins_are_told_with_their_number(
    room: int, alice: Person, goods: Goods, listener: Listener
) -> None:
    for act in (pin, pin):
        with transaction():
            act(actor_of(alice), room, goods.id)
    for _time in range(2):
        with transaction():
            unpin(actor_of(alice), room)

    listener.wait_for("pin", product_id=None)
    settle()
    assert listener.of_kind("pin") == [
        {"seq": 2, "product_id": goods.id},
        {"seq": 3, "product_id": None},
    ]


def test_the_end_takes_the_pin_away(
    room: int, alice: Person, goods: Goods, listener: Listener
) -> None:
    with transaction():
        pin(actor_of(alice), room, goods.id)
    with transaction():
        end_session(actor_of(alice), room)

    listener.wait_for("state", state="ended")
    assert listener.of_kind("pin")[-1] == {"seq": 3, "product_id": None}


def test_a_session_called_off_is_told(
    place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    with transaction():
        session_id = make_session(place, alice, goods).id
    with transaction():
        cancel_session(actor_of(alice), session_id, "下雨")

    listener.wait_for("state", state="cancelled")


def test_talk_is_told_as_it_may_be_seen(
    room: int, alice: Person, charlie: Person, listener: Listener
) -> None:
    with transaction():
        line = speak(room, charlie, "打13812345678")
    with transaction():
        chat.hide(actor_of(alice), room, line.seq)

    assert listener.wait_for("chat") == {
        "seq": 2,
        "name": "查**",
        "text": "打138****",
        "at_ms": line.at_ms,
        "author": line.author,
    }
    listener.wait_for("hide", seq=2)


def test_what_a_muted_person_said_is_hidden(
    room: int, alice: Person, charlie: Person, bob: Person, listener: Listener
) -> None:
    with transaction():
        lines = [speak(room, who, "在") for who in (charlie, bob, charlie)]
    with transaction():
        chat.mute(actor_of(alice), room, lines[0].author)

    listener.wait_for("hide", seq=lines[2].seq)
    settle()
    assert [data["seq"] for data in listener.of_kind("hide")] == [2, 4]


@pytest.mark.parametrize(
    "database_url", ["sqlite_url", "postgresql_url"], indirect=True
)
def test_an_order_is_told_as_stock(
    room: int, charlie: Person, goods: Goods, listener: Listener
) -> None:
    began = now()
    buy(charlie, goods, 3)

    stock = listener.wait_for("stock", variant_id=goods.variant_id)
    assert (stock["stock"], stock["listed"]) == (97, True)
    assert stock["at_us"] >= int(began.timestamp() * 1_000_000)
    assert listener.of_kind("price") == []


def test_a_cancelled_order_gives_its_stock_back_in_the_room(
    room: int, charlie: Person, goods: Goods, listener: Listener
) -> None:
    order = buy(charlie, goods, 3)
    listener.wait_for("stock", stock=97)
    with transaction():
        cancelling.cancel_own(HOUSE, order.order_id, reason="不要了")

    listener.wait_for("stock", stock=100)


def test_an_order_that_expires_gives_its_stock_back_in_the_room(
    room: int, charlie: Person, goods: Goods, listener: Listener
) -> None:
    buy(charlie, goods, 3)
    listener.wait_for("stock", stock=97)
    load_handlers()
    with clock.at(now() + timedelta(days=3, minutes=1)):
        work_until_empty(Stopper())

    listener.wait_for("stock", stock=100)


def test_boxes_refunded_before_sending_are_back_in_the_room(
    room: int, alice: Person, charlie: Person, goods: Goods, listener: Listener
) -> None:
    order = buy(charlie, goods, 3)
    with transaction():
        offline.confirm_transfer(actor_of(alice), order.order_id, "T-1")
    listener.wait_for("stock", stock=97)
    with transaction():
        cancelling.cancel(actor_of(alice), order.order_id, reason="没货了")

    listener.wait_for("stock", stock=100)


def test_a_new_price_and_a_new_count_are_told(
    room: int, place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    draft = draft_of(place, goods, price_fen=1_990, stock=40)
    with transaction():
        save_listing(
            actor_of(alice), goods.id, draft, version=1, request_id="save-form"
        )

    listener.wait_for("price", variant_id=goods.variant_id, price_fen=1_990)
    listener.wait_for("stock", variant_id=goods.variant_id, stock=40, listed=True)


def test_what_somebody_sets_on_air_stands_in_the_timeline(
    room: int, place: Place, alice: Person, charlie: Person, goods: Goods
) -> None:
    """Not what a sale takes, nor what stays as it is."""
    before = db.session.scalar(select(func.max(LiveEvent.id)))
    buy(charlie, goods)
    for version in (1, 2):
        draft = draft_of(place, goods, price_fen=1_990, stock=40)
        with transaction():
            save_listing(
                actor_of(alice),
                goods.id,
                draft,
                version=version,
                request_id=f"save-{version}",
            )

    events = select(LiveEvent).where(LiveEvent.id > before).order_by(LiveEvent.seq)
    saved, box = (room, goods.id, alice.id), {"variant_id": goods.variant_id}
    assert [
        (event.session_id, event.product_id, event.account_id, event.kind, event.detail)
        for event in db.session.scalars(events)
    ] == [
        (*saved, "price", box | {"price_fen": 1_990, "was_fen": 2_990}),
        (*saved, "stock", box | {"stock": 40, "was": 99}),
    ]


def test_a_box_off_sale_cannot_be_had(
    room: int, place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    draft = draft_of(place, goods, on_sale=False)
    with transaction():
        save_listing(
            actor_of(alice), goods.id, draft, version=1, request_id="save-form"
        )

    listener.wait_for("stock", variant_id=goods.variant_id, stock=0, listed=False)


def test_a_listing_out_of_the_shop_and_back(
    room: int, alice: Person, goods: Goods, listener: Listener
) -> None:
    actor = actor_of(alice)
    with transaction():
        withdraw_listing(actor, goods.id)
    listener.wait_for("stock", variant_id=goods.variant_id, stock=0, listed=False)
    with transaction():
        submit_listing(actor, goods.id)
    settle()
    with transaction():
        approve_listing(actor, goods.id, version=1)

    listener.wait_for("stock", variant_id=goods.variant_id, stock=100, listed=True)
    assert db.session.get_one(Product, goods.id).state == ListingState.APPROVED


def test_every_room_on_air_that_shows_it_is_told(
    room: int,
    place: Place,
    alice: Person,
    charlie: Person,
    goods: Goods,
    listener: Listener,
) -> None:
    with transaction():
        second = make_room(place, alice, goods).slug
        planned = make_session(place, alice, goods).slug
        other = make_room(place, alice, make_goods(place, alice, name="大姜")).slug
        first = session_of(room).slug
    listener.wait(lambda: {second, other} <= {room for room, *_ in listener.heard})
    settle()
    listener.heard.clear()
    buy(charlie, goods)

    listener.wait(lambda: len(listener.heard) == 2)
    settle()
    assert {room for room, *_ in listener.heard} == {first, second}
    assert planned not in {first, second}


def test_without_a_room_on_air_nobody_is_told(
    place: Place, alice: Person, charlie: Person, goods: Goods, listener: Listener
) -> None:
    with transaction():
        make_session(place, alice, goods)
    buy(charlie, goods)
    settle()

    assert listener.posts == 0


def test_what_is_rolled_back_is_never_told(
    room: int, alice: Person, charlie: Person, goods: Goods, listener: Listener
) -> None:
    def fail() -> None:
        with transaction():
            pin(actor_of(alice), room, goods.id)
            speak(room, charlie, "在")
            place_order(charlie, goods, method=TRANSFER)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    buy(alice, goods, 60)
    with pytest.raises(OutOfStock):
        buy(alice, goods, 60)
    listener.wait_for("stock", stock=40)
    settle()

    assert {kind for _room, kind, _data in listener.heard} == {"stock"}
    assert len(listener.heard) == 1


def test_checkout_asks_nothing_more_of_the_database(
    room: int, charlie: Person, goods: Goods, listener: Listener
) -> None:
    """The room is told by another thread, which asks once for many orders."""

    def own(statements: list[str]) -> list[str]:
        return [
            line
            for line in statements
            if "line_up_item" not in line and line != "BEGIN"
        ]

    buy(charlie, goods)
    with unannounced(), count_queries() as quiet:
        buy(charlie, goods)
    with count_queries() as told:
        buy(charlie, goods)
        listener.wait_for("stock", stock=97)

    assert len(own(told)) == len(own(quiet)) > 0
    assert any("line_up_item" in line for line in told)


def test_many_orders_are_few_messages(
    room: int, charlie: Person, goods: Goods, listener: Listener
) -> None:
    for _order in range(30):
        buy(charlie, goods)

    listener.wait_for("stock", stock=70)
    stamps = [(data["at_us"], data["stock"]) for data in listener.of_kind("stock")]
    assert stamps == sorted(stamps, key=lambda stamp: (stamp[0], -stamp[1]))


def test_history_is_told_to_nobody(
    place: Place, alice: Person, charlie: Person, goods: Goods, listener: Listener
) -> None:
    settle()
    with unannounced():
        with transaction():
            make_room(place, alice, goods)
        buy(charlie, goods)
    settle()

    assert listener.posts == 0


def run_a_session(
    place: Place, alice: Person, charlie: Person, goods: Goods
) -> dict[str, object]:
    """A whole session with a sale; what the database says at the end, and how long."""
    began = time.monotonic()
    with transaction():
        session_id = make_room(place, alice, goods).id
    with transaction():
        pin(actor_of(alice), session_id, goods.id)
    with transaction():
        line = speak(session_id, charlie, "就要这个")
    order = buy(charlie, goods, 3)
    with transaction():
        cancelling.cancel_own(HOUSE, order.order_id, reason="不要了")
    with transaction():
        chat.hide(actor_of(alice), session_id, line.seq)
    with transaction():
        end_session(actor_of(alice), session_id)
    took = time.monotonic() - began
    stock = db.session.get_one(Variant, goods.variant_id).stock
    state = session_of(session_id).state
    forget_reads()
    return {"took": took, "stock": stock, "state": state}


def test_media_that_is_away_loses_nothing_and_slows_nobody(
    make_app: Callable[..., Flask],
    place: Place,
    alice: Person,
    charlie: Person,
    goods: Goods,
    listener: Listener,
) -> None:
    listener.status = 503
    done = run_a_session(place, alice, charlie, goods)
    listener.wait(lambda: listener.posts)

    assert (done["stock"], done["state"]) == (100, "ended")
    assert listener.heard == []


def test_media_that_hangs_slows_nobody(
    place: Place, alice: Person, charlie: Person, goods: Goods, listener: Listener
) -> None:
    listener.may_answer.clear()
    done = run_a_session(place, alice, charlie, goods)
    listener.may_answer.set()

    assert (done["stock"], done["state"]) == (100, "ended")
    assert float(str(done["took"])) < 1.5


def test_media_that_comes_back_is_told_what_happens_next(
    room: int, charlie: Person, goods: Goods, listener: Listener
) -> None:
    listener.status = 503
    buy(charlie, goods)
    listener.wait(lambda: listener.posts > 1)
    listener.status = 204
    buy(charlie, goods)

    listener.wait_for("stock", stock=98)
