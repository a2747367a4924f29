"""What waits for whom: each role's desk, and nobody else's."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.clock import now
from domain.catalogue import ListingState
from domain.orders.states import OrderState, PaymentMethod, PaymentState, RefundState
from domain.register import InvitationState
from domain.roles import Role, ScopeKind
from models.alliances import AllianceMember
from models.catalogue import Product
from models.history import record_change
from models.live import LineUpItem, LiveSession
from models.orders import Order
from models.outbox import Job
from models.payments import Payment, Refund
from models.register import Invitation
from services import outbox
from tests.support.factories import (
    FOUNDED,
    PASSWORD,
    Person,
    make_goods,
    make_person,
    place_order,
)
from tests.support.people import sign_in, writing
from tests.support.queries import count_queries
from tests.support.studio import make_session
from tests.support.worlds import World, keep, make_refund, make_world

S = ScopeKind
MOST_STATEMENTS = 12
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
DeskOf = Callable[..., FlaskClient]


@pytest.fixture
def world(app: Flask) -> World:
    """A town where something of each kind waits."""
    with writing(app) as session:
        return fill_desks(session, make_world("苗山"))


@pytest.fixture
def other_world(app: Flask) -> World:
    """Another town where the same waits."""
    with writing(app) as session:
        return fill_desks(session, make_world("雪野"))


@pytest.fixture
def desk_of(app: Flask, world: World) -> DeskOf:
    """The browser of somebody with posts in `world`."""

    def browser(*posts: tuple[Role, ScopeKind]) -> FlaskClient:
        with writing(app):
            grants = [world.grant(role, kind) for role, kind in posts]
            person = make_person("沈牧之", *grants)
        return sign_in(app.test_client(), person)

    return browser


def fill_desks(session: Session, world: World) -> World:
    """More of what a world has: something of each kind that waits, and of no other."""
    keep(make_refund(world, "again"))
    keep(make_refund(world, "stuck", RefundState.FAILED))
    goods = make_goods(world.place, world.worker, name=f"{world.name}谷子")
    for state in (OrderState.PAID, OrderState.PACKED, OrderState.PLACED):
        order = place_order(world.buyer, goods, method=PaymentMethod.CASH_ON_DELIVERY)
        session.get_one(Order, order.order_id).state = state
    late = place_order(world.buyer, goods, method=PaymentMethod.STRIPE)
    payment = session.get_one(Payment, late.payment_id)
    payment.state = PaymentState.PARKED
    record_change(payment, PaymentState.PARKED, reason="5000 cny")
    outbox.enqueue("send_sms", {"payment_id": late.payment_id}, key=world.name)
    job = session.scalars(select(Job).where(Job.key == world.name)).one()
    outbox.park(job, "SMS_URL is not set")
    empty = make_session(world.place, world.worker, goods)
    empty.title = f"{world.name}晚场"
    session.execute(delete(LineUpItem).where(LineUpItem.session_id == empty.id))
    session.get_one(Product, goods.id).state = ListingState.SUBMITTED
    officer = make_person(f"{world.name}组织员")
    keep(
        Invitation(
            **vars(world.grant(Role.AUDITOR, S.DISTRICT)),
            state=InvitationState.PROPOSED,
            phone=officer.phone,
            name=f"{world.name}审计",
            account_id=officer.id,
            expires_at=now() + timedelta(days=3),
        )
    )
    novice = make_person(f"{world.name}王小田")
    keep(
        AllianceMember(
            alliance_id=world.place.alliance_id,
            account_id=novice.id,
            joined_on=FOUNDED,
        )
    )
    return world


def desk(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/desk{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def waits(page: str) -> dict[str, int]:
    """What waits, in the page's order, and how much of it."""
    rows = re.findall(
        r'class="dk-n">(\d+)</span>\s*<span class="dk-t"><strong>([^<]+)<', page
    )
    return {what: int(count) for count, what in rows}


def links(page: str) -> list[str]:
    """Where the desk itself leads to, without the menu."""
    main = page.partition('<main id="main"')[2]
    return [unescape(href) for href in re.findall(r'<a [^>]*?href="(/[^"]*)"', main)]


PACKING = {"货到付款的单，接不接": 1, "要打包的单": 1, "打好包、要寄出的单": 1}
WAITING: tuple[tuple[Role, ScopeKind, dict[str, int]], ...] = (
    (Role.MEMBER, S.ALLIANCE, PACKING),
    (Role.LEAD, S.ALLIANCE, {"要审的商品": 1, "还没排商品的直播": 1}),
    (
        Role.ACCOUNTANT,
        S.COOPERATIVE,
        {
            "要决定的退款": 2,
            "没退成或要转账的退款": 1,
            "金额不对的付款": 1,
            "系统没办成、要再试的事": 1,
            "等到账的转账": 1,
        },
    ),
    (Role.CHAIR, S.COOPERATIVE, {}),
    (Role.SECRETARY, S.VILLAGE, {}),
    (Role.TRAINER, S.ALLIANCE, {"没办完的培训记录": 1}),
    (Role.TOWN_OFFICER, S.TOWN, {"还没有主播证的成员": 1}),
    (Role.DISTRICT_OFFICER, S.DISTRICT, {"要您同意的邀请": 2, "还没有主播证的成员": 2}),
    (Role.AUDITOR, S.TOWN, {}),
    (Role.FARMER, S.COOPERATIVE, {}),
)


@pytest.mark.parametrize(("role", "kind", "expected"), WAITING)
def test_each_role_finds_what_waits_in_its_place_and_no_other(
    desk_of: DeskOf,
    other_world: World,
    role: Role,
    kind: ScopeKind,
    expected: dict[str, int],
) -> None:
    client = desk_of((role, kind))
    page = desk(client)

    assert waits(page) == expected
    assert kind is S.DISTRICT or other_world.name not in page
    assert expected or "眼下没有等您办的" in page
    for href in links(page):
        assert client.get(href).status_code == 200, href


def test_the_chair_sees_what_the_accountant_does_and_is_asked_for_nothing(
    desk_of: DeskOf,
) -> None:
    page = desk(desk_of((Role.CHAIR, S.COOPERATIVE)))

    assert "别人在办，您看得到" in page
    assert "/coop/refunds?tab=open" in links(page)


def test_an_invitation_to_the_own_phone_is_told_on_the_desk(
    app: Flask, world: World
) -> None:
    with writing(app) as session:
        session.get_one(Invitation, world.rows[Invitation]).phone = world.worker.phone

    page = desk(sign_in(app.test_client(), world.worker))
    assert "有岗位邀请等您答复" in page


def test_the_secretary_is_led_to_the_income_of_this_month(desk_of: DeskOf) -> None:
    with clock.at(now()):
        day = clock.today()
        page = desk(desk_of((Role.SECRETARY, S.VILLAGE)))

    wanted = f"/coop/income?from={day.replace(day=1)}&to={day}"
    assert wanted in links(page)


def test_a_member_is_told_of_the_own_listing_that_came_back(
    app: Flask, world: World, other_world: World
) -> None:
    with writing(app) as session:
        for each in (world, other_world):
            session.get_one(Product, each.goods.id).state = ListingState.REJECTED
    page = desk(sign_in(app.test_client(), world.worker), "?role=member")

    assert waits(page)["退回来要改的商品"] == 1
    assert f"/studio/listings/{world.goods.id}" in page


def test_what_has_waited_longest_comes_first_then_the_next_deadline(
    app: Flask, desk_of: DeskOf, world: World
) -> None:
    with writing(app) as session:
        for refund in session.scalars(select(Refund)):
            if refund.state == RefundState.REQUESTED:
                refund.requested_at = now() - timedelta(days=3)
        oldest = session.get_one(Refund, world.rows[Refund])
        oldest.requested_at, oldest.amount_fen = now() - timedelta(days=4), 4_321
        oldest.goods_fen = 4_321
        transfer = session.get_one(Order, world.order.order_id)
        transfer.pay_before = now() + timedelta(minutes=12, seconds=5)
    page = desk(desk_of((Role.ACCOUNTANT, S.COOPERATIVE)))

    kinds = list(waits(page))
    assert (kinds[0], kinds[-1]) == ("要决定的退款", "等到账的转账")
    assert "等了 4 天" in page
    assert "还剩 12 分钟" in page
    assert f"/coop/refunds/{world.rows[Refund]}" in links(page)
    assert "¥43.21" in page


def test_a_deadline_that_is_over_is_said(
    app: Flask, desk_of: DeskOf, world: World
) -> None:
    with writing(app) as session:
        transfer = session.get_one(Order, world.order.order_id)
        transfer.pay_before = now() - timedelta(hours=5, minutes=5)
    page = desk(desk_of((Role.ACCOUNTANT, S.COOPERATIVE)))

    assert "过了 5 小时" in page


def test_several_posts_are_a_tap_apart_each_with_its_count(desk_of: DeskOf) -> None:
    client = desk_of(
        (Role.CHAIR, S.COOPERATIVE), (Role.LEAD, S.ALLIANCE), (Role.TRAINER, S.ALLIANCE)
    )
    page = desk(client)
    others = [href for href in links(page) if href.startswith("/desk?")]
    counts = re.findall(r"<i>(\d+)<", page)

    assert "要审的商品" in waits(page), "the first post where something waits"
    assert len(others) == 3
    assert dict(zip(others, counts, strict=True))[others[0]] == "2"
    trainer = next(href for href in others if "role=trainer" in href)
    assert waits(client.get(trainer).text) == {"没办完的培训记录": 1}


def test_a_post_that_one_does_not_hold_is_not_there(
    desk_of: DeskOf, other_world: World
) -> None:
    client = desk_of((Role.LEAD, S.ALLIANCE))
    place = f"alliance-{other_world.place.alliance_id}"

    for query in ("?role=accountant", f"?role=lead&place={place}", "?role=%00"):
        assert client.get(f"/desk{query}").status_code == 404, query


def test_a_buyer_has_no_desk(app: Flask, client: FlaskClient, charlie: Person) -> None:
    assert client.get("/desk").location == "/account/login?next=/desk"
    assert sign_in(client, charlie).get("/desk").status_code == 403


def test_the_sessions_of_today_stand_aside(
    app: Flask, desk_of: DeskOf, world: World, other_world: World
) -> None:
    with clock.at(NOON):
        with writing(app) as session:
            for found in session.scalars(select(LiveSession)):
                found.starts_at = NOON + timedelta(hours=1)
        lead = desk(desk_of((Role.LEAD, S.ALLIANCE)))
        officer = desk(desk_of((Role.TOWN_OFFICER, S.TOWN)))

    assert f"/studio/sessions/{world.rows[LiveSession]}" in lead
    assert "13:00" in lead
    assert f"{world.name}晚场" in officer
    assert not any(href.startswith("/studio") for href in links(officer))
    assert f"{other_world.name}晚场" not in lead + officer


def test_a_page_of_every_post_costs_few_statements(
    app: Flask, desk_of: DeskOf, world: World, other_world: World
) -> None:
    client = desk_of(*[(role, kind) for role, kind, _expected in WAITING])
    desk(client)
    with app.app_context(), count_queries() as statements:
        desk(client)

    assert len(statements) <= MOST_STATEMENTS, statements


@pytest.mark.parametrize(
    ("wanted", "target"), [("", "/desk"), ("/cart", "/cart"), ("//evil", "/desk")]
)
def test_who_holds_a_role_lands_on_the_desk_unless_on_the_way_elsewhere(
    client: FlaskClient, alice: Person, wanted: str, target: str
) -> None:
    data = {"phone": alice.phone, "password": PASSWORD, "next": wanted}

    assert client.post("/account/login", data=data).location == target


def test_a_buyer_lands_on_their_own_page(client: FlaskClient, charlie: Person) -> None:
    data = {"phone": charlie.phone, "password": PASSWORD}

    assert client.post("/account/login", data=data).location == "/account/"


def test_the_studio_leads_to_the_desk_and_the_menu_begins_there(
    client: FlaskClient, alice: Person
) -> None:
    sign_in(client, alice)
    page = desk(client)

    assert client.get("/studio").location == "/desk"
    assert page.index(">今天</a>") < page.index(">直播</a>")
    assert 'href="/cart"' not in page


def test_every_kind_is_counted_on_both_engines(
    make_app: Callable[[str], Flask], engine_url: str
) -> None:
    app = make_app(engine_url)
    with writing(app) as session:
        world = fill_desks(session, make_world("苗山"))
        grants = [world.grant(role, kind) for role, kind, _expected in WAITING]
        person = make_person("沈牧之", *grants)
    client = sign_in(app.test_client(), person)

    for role, _kind, expected in WAITING:
        if role is not Role.DISTRICT_OFFICER:
            assert waits(desk(client, f"?role={role.value}")) == expected, role
