"""Who sees which orders, and what lists cost."""

import pytest

from core.access import Actor, Grant
from core.database import transaction
from core.errors import NotFound
from domain.orders.numbers import UnknownOrderNumber
from domain.orders.sessions import SessionSnapshot
from domain.orders.states import OrderState, PaymentMethod
from domain.roles import Role, ScopeKind
from integrations.gateway import PaymentSession
from queries.orders.carts import cart_view
from queries.orders.details import get_order_id, order_view
from queries.orders.lists import orders_in_scope, own_orders, refunds_in_scope
from services.orders.cancelling import cancel_own
from services.orders.cart import add_item
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import confirm_receipt
from services.orders.refunding import request_refund
from services.payments.unmatched import return_parked
from tests.support.counter import Counter, box_refund
from tests.support.factories import ADDRESS, Goods, Person, Place, actor_of, make_goods
from tests.support.queries import count_queries


@pytest.fixture
def order(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    return counter.sell(charlie, goods)


def holding(role: Role, kind: ScopeKind, scope_id: int) -> Actor:
    """A person with this one grant."""
    return Actor(grants=(Grant(role, kind, scope_id),))


def find(order: PlacedOrder, actor: Actor, *roles: Role) -> int | None:
    try:
        return get_order_id(actor, order.number, *roles)
    except NotFound:
        return None


def test_buyers_see_their_own_orders_only(
    order: PlacedOrder, charlie: Person, bob: Person
) -> None:
    buyer, other = Actor(account_id=charlie.id), Actor(account_id=bob.id)
    assert find(order, buyer) == order.order_id
    assert [row.number for row in own_orders(buyer).items] == [order.number]
    assert find(order, other) is None
    assert own_orders(other).total == 0


@pytest.mark.parametrize("number", ["", "³", "TB-1", "\x00", "9" * 999])
def test_what_is_no_number_is_not_found(number: str, charlie: Person) -> None:
    with pytest.raises(UnknownOrderNumber):
        get_order_id(Actor(account_id=charlie.id), number)


def test_services_leave_the_orders_of_others(order: PlacedOrder, bob: Person) -> None:
    """Of those that no page asks but for an order that it found in scope."""
    stranger, draft = actor_of(bob), box_refund(order, 1)
    session = PaymentSession("cs_1", "", None, SessionSnapshot("complete", "paid", 1))
    for act in (
        lambda: cancel_own(stranger, order.order_id, reason=""),
        lambda: confirm_receipt(stranger, order.order_id),
        lambda: request_refund(stranger, order.order_id, draft),
        lambda: return_parked(stranger, order.payment_id, session),
    ):
        with transaction(), pytest.raises(NotFound):
            act()


def test_a_desk_finds_orders_by_state_method_and_words(
    counter: Counter, order: PlacedOrder, charlie: Person, goods: Goods, place: Place
) -> None:
    counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    chair = holding(Role.CHAIR, ScopeKind.COOPERATIVE, place.cooperative_id)

    assert orders_in_scope(chair, Role).total == 2
    assert orders_in_scope(chair, Role, states=[OrderState.PAID]).total == 1
    assert orders_in_scope(chair, Role, methods=[PaymentMethod.STRIPE]).total == 1
    for words in (order.number.lower(), ADDRESS.phone, "王小", order.number[-6:]):
        found = orders_in_scope(chair, Role, text=words)
        assert order.number in [row.number for row in found.items]
    for strange in ("%", "_", "\\", "' OR 1=1", "\x00", "1\x001"):
        assert orders_in_scope(chair, Role, text=strange).total == 0


def test_an_order_that_does_not_exist_has_no_page() -> None:
    with pytest.raises(NotFound):
        order_view(2**62)


def test_lists_cost_the_same_however_long(
    counter: Counter, order: PlacedOrder, charlie: Person, goods: Goods, place: Place
) -> None:
    chair = holding(Role.CHAIR, ScopeKind.COOPERATIVE, place.cooperative_id)
    buyer = Actor(account_id=charlie.id)

    def cost() -> list[int]:
        costs = []
        for ask in (
            lambda: own_orders(buyer),
            lambda: orders_in_scope(chair, Role),
            lambda: refunds_in_scope(chair, Role),
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
    buyer = Actor(account_id=charlie.id)
    with transaction():
        ginger = make_goods(other_place, bob, name="大姜")
        for each in (goods, ginger):
            add_item(buyer, variant_id=each.variant_id, quantity=2)
    with count_queries() as asked:
        view = cart_view(buyer, "山东省")

    assert len(view.groups) == 2
    assert sum(statement.startswith("SELECT") for statement in asked) == 2
