"""Nobody keeps more boxes from others than may be unpaid, whatever they try."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.access import HOUSE, Actor
from core.clock import now
from core.database import transaction
from core.errors import DomainError
from domain.orders.holds import HELD_FOR, MOST_UNPAID_BOXES, PhoneToProve, TooManyUnpaid
from domain.orders.states import PaymentMethod
from domain.texts import MOST_A_DAY, TextKind
from queries.outbox import was_withheld
from services.accounts import codes
from services.orders.buyers import start_visit
from services.orders.cancelling import cancel_own
from services.orders.cart import add_item
from services.orders.drafts import CheckoutDraft, PlacedOrder, Submission
from services.orders.fulfilling import accept_cash_order
from services.orders.offline import confirm_transfer
from services.orders.placing import place_orders, place_together
from tests.support.counter import (
    Counter,
    in_threads,
    messages_to,
    new_request,
    reservations,
    states,
    stock_of,
)
from tests.support.factories import (
    ADDRESS,
    Goods,
    Person,
    Place,
    actor_of,
    make_goods,
)

HERS, HIS = ADDRESS.phone, "13700000002"
TRANSFER, CASH = PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_ON_DELIVERY
numbers = count(1)


def browser() -> Actor:
    with transaction():
        return Actor(visitor_id=start_visit()[0])


def order(
    buyer: Actor,
    goods: Goods,
    boxes: int,
    phone: str = HERS,
    method: PaymentMethod = TRANSFER,
    *,
    is_phone_proven: bool = True,
) -> PlacedOrder:
    with transaction():
        add_item(buyer, variant_id=goods.variant_id, quantity=boxes)
        proven = replace(draft(phone, method), is_phone_proven=is_phone_proven)
        [placed] = place_orders(buyer, proven)
    return placed


def draft(phone: str = HERS, method: PaymentMethod = TRANSFER) -> CheckoutDraft:
    return replace(
        ADDRESS,
        request_id=new_request(),
        phone=phone,
        payment_method=method,
        is_phone_proven=True,
    )


@pytest.mark.parametrize("method", PaymentMethod)
def test_one_order_keeps_so_many_and_no_more(
    goods: Goods, method: PaymentMethod
) -> None:
    with pytest.raises(TooManyUnpaid) as refused:
        order(browser(), goods, MOST_UNPAID_BOXES + 1, method=method)
    assert "最多留 30 箱" in refused.value.text
    assert "053176000000" in refused.value.text
    order(browser(), goods, MOST_UNPAID_BOXES, method=method)
    assert stock_of(goods) == 100 - MOST_UNPAID_BOXES


def test_neither_another_browser_nor_another_phone_makes_it_more(goods: Goods) -> None:
    same = browser()
    order(same, goods, 20)
    with pytest.raises(TooManyUnpaid):
        order(browser(), goods, 11)
    with pytest.raises(TooManyUnpaid):
        order(same, goods, 11, HIS)
    order(browser(), goods, 11, HIS)


def test_an_account_counts_in_every_browser(goods: Goods, charlie: Person) -> None:
    order(Actor(charlie.id, browser().visitor_id), goods, 20)
    with pytest.raises(TooManyUnpaid):
        order(Actor(charlie.id, browser().visitor_id), goods, 11, HIS)


@pytest.mark.parametrize("ending", ["paid", "cancelled", "expired", "accepted"])
def test_what_is_paid_taken_on_or_let_go_is_free_again(
    counter: Counter, goods: Goods, alice: Person, ending: str
) -> None:
    buyer = browser()
    method = CASH if ending == "accepted" else TRANSFER
    placed = order(buyer, goods, MOST_UNPAID_BOXES, method=method)
    if ending == "expired":
        with counter.later(HELD_FOR[TRANSFER] + timedelta(minutes=2)):
            counter.work()
        assert states(placed) == ("expired", "expired")
    else:
        with transaction():
            if ending == "paid":
                confirm_transfer(actor_of(alice), placed.order_id, "B-1")
            elif ending == "cancelled":
                cancel_own(HOUSE, placed.order_id, reason="")
            else:
                accept_cash_order(actor_of(alice), placed.order_id)
    order(buyer, goods, MOST_UNPAID_BOXES)


def test_the_cooperatives_accountant_orders_for_a_caller(
    goods: Goods, alice: Person, place: Place
) -> None:
    order(actor_of(alice), goods, 50)
    stranger = actor_of(alice).within("alliance", place.alliance_id)
    with pytest.raises(TooManyUnpaid):
        order(stranger, goods, 31, HIS)


def test_two_at_once_from_one_phone_keep_no_more(app: Flask, goods: Goods) -> None:
    buyers = [browser() for _buyer in range(4)]
    for buyer in buyers:
        with transaction():
            add_item(buyer, variant_id=goods.variant_id, quantity=20)

    def submit(buyer: Actor) -> object:
        with transaction():
            return place_orders(buyer, draft())

    answers = in_threads(app, *(lambda b=buyer: submit(b) for buyer in buyers))
    refused = [one for one in answers if isinstance(one, TooManyUnpaid)]
    assert (len(refused), stock_of(goods)) == (3, 80), answers


def test_two_in_one_transaction_keep_no_more(goods: Goods) -> None:
    buyers = [browser(), browser()]
    for buyer in buyers:
        with transaction():
            add_item(buyer, variant_id=goods.variant_id, quantity=20)
    with transaction():
        first, second = place_together([Submission(each, draft()) for each in buyers])
    assert isinstance(first, list)
    assert isinstance(second, TooManyUnpaid)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_happens_a_phone_holds_no_more(
    data: st.DataObject, place: Place, alice: Person
) -> None:
    """Orders, payments, cancellations of two phones and two browsers, in any order."""
    with transaction():
        goods = make_goods(place, alice, name=f"蜜薯{next(numbers)}", stock=500)
    phones = [f"1360000{next(numbers):04d}" for _phone in range(2)]
    buyers = [browser(), browser()]
    made: list[tuple[str, PlacedOrder]] = []
    for _step in range(data.draw(st.integers(2, 8))):
        act = data.draw(st.sampled_from(["order", "order", "order", "pay", "cancel"]))
        try:
            if act == "order":
                phone = data.draw(st.sampled_from(phones))
                boxes = data.draw(st.integers(1, 35))
                buyer = data.draw(st.sampled_from(buyers))
                made.append((phone, order(buyer, goods, boxes, phone)))
            elif made:
                placed = data.draw(st.sampled_from([one for _phone, one in made]))
                with transaction():
                    if act == "pay":
                        confirm_transfer(actor_of(alice), placed.order_id, "B-1")
                    else:
                        cancel_own(HOUSE, placed.order_id, reason="")
        except DomainError:
            pass
        held: dict[str, int] = defaultdict(int)
        for phone, placed in made:
            held[phone] += sum(
                boxes for state, boxes in reservations(placed) if state == "held"
            )
        assert all(boxes <= MOST_UNPAID_BOXES for boxes in held.values()), held


@pytest.mark.parametrize(
    ("boxes", "method", "is_asked"),
    [(5, TRANSFER, False), (6, TRANSFER, True), (6, CASH, True)],
)
def test_much_that_a_guest_leaves_unpaid_asks_for_the_phone(
    goods: Goods, boxes: int, method: PaymentMethod, is_asked: bool
) -> None:
    if is_asked:
        with pytest.raises(PhoneToProve):
            order(browser(), goods, boxes, method=method, is_phone_proven=False)
        assert stock_of(goods) == 100
    else:
        order(browser(), goods, boxes, method=method, is_phone_proven=False)


def test_what_is_paid_online_or_by_an_account_asks_for_nothing(
    goods: Goods, charlie: Person
) -> None:
    online = PaymentMethod.STRIPE
    order(browser(), goods, 9, method=online, is_phone_proven=False)
    order(Actor(charlie.id), goods, 9, is_phone_proven=False)


def test_a_phone_with_unpaid_orders_is_asked_for(
    counter: Counter, goods: Goods
) -> None:
    """Those that ran out count as well: a stranger's phone must not serve for ever."""
    for _order in range(2):
        order(browser(), goods, 1, is_phone_proven=False)
    with pytest.raises(PhoneToProve):
        order(browser(), goods, 1, is_phone_proven=False)
    with counter.later(HELD_FOR[TRANSFER] + timedelta(minutes=2)):
        counter.work()
        with pytest.raises(PhoneToProve):
            order(browser(), goods, 1, is_phone_proven=False)
        order(browser(), goods, 1)


def test_the_text_says_until_when_the_boxes_are_kept(goods: Goods) -> None:
    with clock.at(datetime(2026, 11, 24, 15, 30, tzinfo=UTC)):
        for number, method in enumerate(PaymentMethod):
            order(browser(), goods, 1, f"1360000000{number}", method)
    online, transfer, cash = (messages_to(f"1360000000{n}")[0] for n in range(3))
    assert "请在 11 月 25 日 00:05 前付款" in online
    assert "请在 11 月 26 日 23:30 前转账到账" in transfer
    assert "合作社 11 月 26 日 11:30 前没接单就自动取消" in cash


def test_a_strangers_phone_gets_a_handful_of_texts_and_a_buyers_all_that_matter(
    counter: Counter, goods: Goods, alice: Person
) -> None:
    placed = [order(browser(), goods, 1) for _order in range(12)]
    counter.work()
    assert len(messages_to(HERS)) == MOST_A_DAY[TextKind.UNPAID] == 6
    assert was_withheld(f"sms:placed:{placed[-1].order_id}")
    assert not was_withheld(f"sms:placed:{placed[0].order_id}")

    with transaction():
        confirm_transfer(actor_of(alice), placed[-1].order_id, "B-1")
        codes.send_code(HERS, "browser", codes.Purpose.ORDER)
    counter.work()
    assert "已收到付款" in messages_to(HERS)[-2]
    assert "验证码" in messages_to(HERS)[-1]
    with clock.at(now() + timedelta(days=1, minutes=1)):
        order(browser(), goods, 1)
        counter.work()
    assert len(messages_to(HERS)) == 9
