"""Who sees which orders, and what lists cost."""

import pytest

from core.access import Grant, SignedIn
from core.clock import now
from core.database import transaction
from core.errors import NotFound
from domain.orders.buyers import Buyer
from domain.orders.numbers import UnknownOrderNumber
from domain.orders.states import OrderState, PaymentMethod
from domain.roles import Role, ScopeKind
from queries.orders.access import (
    OrderScope,
    find_order_in_scope,
    find_own_order,
    find_refund_in_scope,
    scope_of,
)
from queries.orders.carts import cart_view
from queries.orders.details import order_view
from queries.orders.lists import orders_in_scope, own_orders, refunds_in_scope
from sandbox.server import SandboxServer
from services.orders.cart import add_item
from services.orders.drafts import PlacedOrder
from services.orders.refunding import request_refund
from tests.support.counter import Counter, box_refund
from tests.support.factories import ADDRESS, Goods, Person, Place, make_goods
from tests.support.queries import count_queries


@pytest.fixture
def counter(stripe_sandbox: SandboxServer) -> Counter:
    return Counter(stripe_sandbox)


@pytest.fixture
def order(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    return counter.sell(charlie, goods)


def holding(role: Role, kind: ScopeKind, scope_id: int) -> OrderScope:
    """What a person with this one grant may see."""
    person = SignedIn(
        account_id=1,
        name="某人",
        phone="",
        session_token="",
        confirmed_at=now(),
        grants=(Grant(role, kind, scope_id),),
    )
    return scope_of(person, *Role)


def scopes(place: Place) -> list[OrderScope]:
    return [
        holding(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id),
        holding(Role.ACCOUNTANT, ScopeKind.COOPERATIVE, place.cooperative_id),
        holding(Role.AUDITOR, ScopeKind.VILLAGE, place.village_id),
    ]


def test_each_role_sees_the_orders_of_its_scope(
    order: PlacedOrder, place: Place
) -> None:
    district = holding(Role.AUDITOR, ScopeKind.DISTRICT, 0)
    for scope in [*scopes(place), district]:
        assert find_order_in_scope(order.number, scope) == order.order_id
        assert [row.id for row in orders_in_scope(scope).items] == [order.order_id]


def test_what_lies_outside_is_not_found(order: PlacedOrder, other_place: Place) -> None:
    for scope in [*scopes(other_place), OrderScope()]:
        assert find_order_in_scope(order.number, scope) is None
        assert orders_in_scope(scope).total == 0


def test_a_role_that_was_not_asked_for_gives_no_scope(place: Place) -> None:
    person = SignedIn(
        account_id=1,
        name="某人",
        phone="",
        session_token="",
        confirmed_at=now(),
        grants=(Grant(Role.FARMER, ScopeKind.COOPERATIVE, place.cooperative_id),),
    )
    assert scope_of(person, Role.ACCOUNTANT) == OrderScope()


def test_buyers_see_their_own_orders_only(
    order: PlacedOrder, charlie: Person, bob: Person
) -> None:
    assert find_own_order(order.number, Buyer(account_id=charlie.id)) == order.order_id
    assert find_own_order(order.number, Buyer(account_id=bob.id)) is None
    assert [row.number for row in own_orders(Buyer(account_id=charlie.id)).items] == [
        order.number
    ]
    assert own_orders(Buyer(account_id=bob.id)).total == 0


@pytest.mark.parametrize("number", ["", "³", "TB-1", "\x00", "9" * 999])
def test_what_is_no_number_is_not_found(number: str, charlie: Person) -> None:
    with pytest.raises(UnknownOrderNumber):
        find_own_order(number, Buyer(account_id=charlie.id))


def test_refunds_follow_their_orders_scope(
    order: PlacedOrder, charlie: Person, place: Place, other_place: Place
) -> None:
    with transaction():
        refund_id = request_refund(order.order_id, box_refund(order, 1), charlie.id)
    for scope in scopes(place):
        assert find_refund_in_scope(refund_id, scope) == refund_id
        assert [row.id for row in refunds_in_scope(scope).items] == [refund_id]
    for scope in scopes(other_place):
        assert find_refund_in_scope(refund_id, scope) is None
        assert refunds_in_scope(scope).total == 0


def test_a_desk_finds_orders_by_state_method_and_words(
    counter: Counter, order: PlacedOrder, charlie: Person, goods: Goods, place: Place
) -> None:
    counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    scope = holding(Role.CHAIR, ScopeKind.COOPERATIVE, place.cooperative_id)

    assert orders_in_scope(scope).total == 2
    assert orders_in_scope(scope, states=[OrderState.PAID]).total == 1
    assert orders_in_scope(scope, methods=[PaymentMethod.STRIPE]).total == 1
    for words in (order.number.lower(), ADDRESS.phone, "小明", order.number[-6:]):
        found = orders_in_scope(scope, text=words)
        assert order.number in [row.number for row in found.items]
    for strange in ("%", "_", "\\", "' OR 1=1", "\x00", "1\x001"):
        assert orders_in_scope(scope, text=strange).total == 0


def test_an_order_that_does_not_exist_has_no_page() -> None:
    with pytest.raises(NotFound):
        order_view(2**62)


def test_lists_cost_the_same_however_long(
    counter: Counter, order: PlacedOrder, charlie: Person, goods: Goods, place: Place
) -> None:
    scope = holding(Role.CHAIR, ScopeKind.COOPERATIVE, place.cooperative_id)
    buyer = Buyer(account_id=charlie.id)

    def cost() -> list[int]:
        costs = []
        for ask in (
            lambda: own_orders(buyer),
            lambda: orders_in_scope(scope),
            lambda: refunds_in_scope(scope),
            lambda: order_view(order.order_id),
        ):
            with count_queries() as asked:
                ask()
            costs.append(len(asked))
        return costs

    before = cost()
    for _ in range(3):
        counter.place(charlie, goods)
    assert cost() == before


def test_a_cart_costs_two_queries_however_full(
    goods: Goods, charlie: Person, other_place: Place, bob: Person
) -> None:
    buyer = Buyer(account_id=charlie.id)
    with transaction():
        ginger = make_goods(other_place, bob, name="大姜")
        for each in (goods, ginger):
            add_item(buyer, variant_id=each.variant_id, quantity=2)
    with count_queries() as asked:
        view = cart_view(buyer, "山东省")

    assert len(view.groups) == 2
    assert sum(statement.startswith("SELECT") for statement in asked) == 2
