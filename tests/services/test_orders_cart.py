"""Carts: quantities, limits, rooms and pins, merging at login."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.access import Actor
from core.clock import now
from core.database import db, transaction
from core.errors import DomainError, NotFound
from domain.live import EventKind, Platform, SessionState
from domain.pricing import MAX_QUANTITY, QuantityOutOfRange, TooManyLines
from models.catalogue import Product, Variant
from models.live import LineUpItem, LiveEvent, LiveSession
from models.orders import Cart, CartItem
from queries.orders.carts import Trouble, cart_view, count_in_cart
from services.orders.buyers import find_visitor_id, start_visit
from services.orders.cart import add_item, merge_carts, remove_item, set_quantity
from services.orders.stock import NotOnSale, OutOfStock, SoldOut
from tests.support.factories import Goods, Person, Place, make_goods


@pytest.fixture
def guest() -> Actor:
    """A browser without an account."""
    with transaction():
        visitor_id, _token = start_visit()
    return Actor(visitor_id=visitor_id)


def add(buyer: Actor, goods: Goods, quantity: int = 1, **tapped: object) -> None:
    with transaction():
        add_item(buyer, variant_id=goods.variant_id, quantity=quantity, **tapped)  # type: ignore[arg-type]


def items() -> list[CartItem]:
    return list(db.session.scalars(select(CartItem).order_by(CartItem.id)))


def set_variant(goods: Goods, **values: object) -> None:
    with transaction():
        db.session.execute(
            update(Variant).where(Variant.id == goods.variant_id).values(**values)
        )


def make_room(place: Place, host: Person, *products: Goods, state: str) -> LiveSession:
    with transaction():
        room = LiveSession(
            alliance_id=place.alliance_id,
            host_id=host.id,
            title="开镰",
            slug=f"room-{state}",
            request_id=f"room-{state}",
            place=Platform.ROOM,
            starts_at=now(),
            state=state,
        )
        db.session.add(room)
        db.session.flush()
        for position, goods in enumerate(products):
            db.session.add(
                LineUpItem(session_id=room.id, product_id=goods.id, position=position)
            )
    return room


def pin(room: LiveSession, goods: Goods, seq: int) -> int:
    with transaction():
        event = LiveEvent(
            session_id=room.id, seq=seq, kind=EventKind.PIN, product_id=goods.id
        )
        db.session.add(event)
        db.session.flush()
        return event.id


def test_adding_again_adds_up(guest: Actor, goods: Goods) -> None:
    add(guest, goods, 2)
    add(guest, goods, 3)

    assert [item.quantity for item in items()] == [5]
    assert count_in_cart(guest) == 5


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1, 10**20])
def test_a_quantity_out_of_range_is_refused(
    guest: Actor, goods: Goods, quantity: int
) -> None:
    with pytest.raises(QuantityOutOfRange):
        add(guest, goods, quantity)


def test_nobody_puts_more_into_the_cart_than_there_is(
    guest: Actor, goods: Goods
) -> None:
    add(guest, goods, 60)
    with pytest.raises(OutOfStock) as refused:
        add(guest, goods, 50)

    assert refused.value.params["left"] == 100
    assert "蜜薯" in refused.value.text
    assert count_in_cart(guest) == 60


def test_what_is_sold_out_is_said_so(guest: Actor, goods: Goods) -> None:
    set_variant(goods, stock=0)
    with pytest.raises(SoldOut):
        add(guest, goods)


def test_what_is_off_sale_cannot_be_added(guest: Actor, goods: Goods) -> None:
    set_variant(goods, on_sale=False)
    with pytest.raises(NotOnSale):
        add(guest, goods)


def test_a_variant_that_does_not_exist_is_not_found(guest: Actor) -> None:
    with pytest.raises(NotFound), transaction():
        add_item(guest, variant_id=2**62, quantity=1)


def test_a_cart_takes_fifty_kinds(guest: Actor, goods: Goods) -> None:
    with transaction():
        variants = [
            Variant(
                product_id=goods.id,
                name=f"{number} 号",
                weight_g=500,
                price_fen=100,
                stock=9,
            )
            for number in range(50)
        ]
        db.session.add_all(variants)
        db.session.flush()
        for variant in variants:
            add_item(guest, variant_id=variant.id, quantity=1)

    with pytest.raises(TooManyLines):
        add(guest, goods)


def test_a_quantity_can_be_changed_and_a_line_removed(
    guest: Actor, goods: Goods
) -> None:
    add(guest, goods, 2)
    [item] = items()
    with transaction():
        set_quantity(guest, item.id, 7)
    assert count_in_cart(guest) == 7

    for _twice in range(2):
        with transaction():
            remove_item(guest, item.id)
    assert items() == []


def test_another_buyers_line_is_not_found(
    guest: Actor, goods: Goods, charlie: Person
) -> None:
    add(guest, goods, 2)
    [item] = items()
    stranger = Actor(account_id=charlie.id)

    with pytest.raises(NotFound), transaction():
        set_quantity(stranger, item.id, 1)
    with transaction():
        remove_item(stranger, item.id)
    assert count_in_cart(guest) == 2


def test_a_line_remembers_the_room_and_its_latest_pin(
    guest: Actor, goods: Goods, place: Place, alice: Person
) -> None:
    room = make_room(place, alice, goods, state=SessionState.LIVE)
    pin(room, goods, 1)
    latest = pin(room, goods, 2)
    add(guest, goods, session_slug=room.slug)

    [item] = items()
    assert (item.session_id, item.pin_event_id) == (room.id, latest)


def test_the_pin_that_was_tapped_counts(
    guest: Actor, goods: Goods, place: Place, alice: Person
) -> None:
    room = make_room(place, alice, goods, state=SessionState.LIVE)
    tapped = pin(room, goods, 1)
    pin(room, goods, 2)
    add(guest, goods, session_slug=room.slug, pin_seq=1)

    assert items()[0].pin_event_id == tapped


def test_a_pin_of_another_product_is_forgotten(
    guest: Actor, goods: Goods, place: Place, alice: Person
) -> None:
    with transaction():
        ginger = make_goods(place, alice, name="大姜")
    room = make_room(place, alice, goods, ginger, state=SessionState.LIVE)
    pin(room, ginger, 1)
    add(guest, goods, session_slug=room.slug, pin_seq=1)

    [item] = items()
    assert (item.session_id, item.pin_event_id) == (room.id, None)


@pytest.mark.parametrize("slug", ["room-cancelled", "no-such-room", "'; DROP"])
def test_a_room_that_does_not_sell_it_is_forgotten(
    guest: Actor, goods: Goods, place: Place, alice: Person, slug: str
) -> None:
    make_room(place, alice, goods, state=SessionState.CANCELLED)
    add(guest, goods, session_slug=slug, pin_seq=1)

    assert items()[0].session_id is None


def test_adding_from_the_shop_keeps_the_room(
    guest: Actor, goods: Goods, place: Place, alice: Person
) -> None:
    room = make_room(place, alice, goods, state=SessionState.LIVE)
    add(guest, goods, session_slug=room.slug)
    add(guest, goods)

    [item] = items()
    assert (item.session_id, item.quantity) == (room.id, 2)


def test_a_browsers_cart_joins_the_accounts_at_login(
    guest: Actor, goods: Goods, place: Place, alice: Person, charlie: Person
) -> None:
    account = Actor(account_id=charlie.id)
    with transaction():
        ginger = make_goods(place, alice, name="大姜")
    add(account, goods, 1)
    add(guest, goods, 2)
    add(guest, ginger, 3)
    for _twice in range(2):
        with transaction():
            merge_carts(guest.visitor_id or 0, charlie.id)

    assert count_in_cart(account) == 6
    assert count_in_cart(guest) == 0


def test_merging_never_passes_what_a_line_may_hold(
    guest: Actor, goods: Goods, charlie: Person
) -> None:
    account = Actor(account_id=charlie.id)
    set_variant(goods, stock=5000)
    add(account, goods, 800)
    add(guest, goods, 800)
    with transaction():
        merge_carts(guest.visitor_id or 0, charlie.id)

    assert count_in_cart(account) == MAX_QUANTITY


def test_merging_nothing_changes_nothing(guest: Actor, charlie: Person) -> None:
    with transaction():
        merge_carts(guest.visitor_id or 0, charlie.id)
    assert db.session.scalar(select(Cart.id)) is None


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"stock": 0}, Trouble.SOLD_OUT),
        ({"stock": 1}, Trouble.SHORT),
        ({"on_sale": False}, Trouble.WITHDRAWN),
    ],
)
def test_the_cart_says_what_cannot_be_bought(
    guest: Actor, goods: Goods, values: dict[str, object], trouble: Trouble
) -> None:
    add(guest, goods, 2)
    set_variant(goods, **values)

    view = cart_view(guest)
    assert [line.trouble for line in view.lines] == [trouble]
    assert not view.can_check_out


def test_the_cart_shows_prices_and_freight_of_now(guest: Actor, goods: Goods) -> None:
    add(guest, goods, 2)
    set_variant(goods, price_fen=3_500)

    view = cart_view(guest, "山东省")
    assert (view.goods_fen, view.freight_fen, view.total_fen) == (7_000, 800, 7_800)
    assert cart_view(guest).freight_fen is None


def test_the_cart_says_why_there_is_no_freight(guest: Actor, goods: Goods) -> None:
    add(guest, goods)
    [group] = cart_view(guest, "台湾省").groups

    assert isinstance(group.freight_error, DomainError)
    assert "台湾省" in group.freight_error.text


def test_a_visit_ends_by_itself(goods: Goods) -> None:
    from core import clock

    with transaction():
        visitor_id, token = start_visit()
    assert find_visitor_id(token) == visitor_id
    assert find_visitor_id("another") is None
    with clock.at(now() + timedelta(days=181)):
        assert find_visitor_id(token) is None


def test_a_withdrawn_listing_troubles_its_line(guest: Actor, goods: Goods) -> None:
    add(guest, goods)
    with transaction():
        db.session.execute(
            update(Product).where(Product.id == goods.id).values(state="withdrawn")
        )
    assert cart_view(guest).lines[0].trouble is Trouble.WITHDRAWN
