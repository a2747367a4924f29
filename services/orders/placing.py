"""Checkouts: one order and one payment per cooperative, all or none of a cart.

Several buyers' checkouts go through one transaction, so that each statement and the
commit serve them all: decisions/0021. What they want is read without holding it; what
is written says what it was read as, the stock last; where another process was quicker,
everything is read again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from core.access import Actor
from core.clock import today
from core.database import AnyRow, savepoint
from core.errors import N_, Conflict, DomainError, Invalid, StateChanged, TooMany
from domain.catalogue import ListingState
from domain.orders.states import PaymentMethod
from domain.pricing import CartLine
from queries.cooperative import RulesInForce, rules_in_force
from queries.orders.wanted import (
    boxes_wanted,
    cart_owner,
    checkouts_known,
    lines_wanted,
)
from services import rates
from services.orders.drafts import (
    CheckoutDraft,
    PlacedOrder,
    PriceChanged,
    Submission,
)
from services.orders.holding import Holds, hold_phones
from services.orders.plans import Plan, Wanted, planned_order
from services.orders.stock import Moved, NotOnSale, hold_boxes, shortage_of
from services.orders.writing import write_plans

MOST_TRIES = 4

Answer: TypeAlias = list[PlacedOrder] | DomainError


class EmptyCart(Invalid):
    """There is nothing to order."""

    code = "empty_cart"
    message = N_("购物车是空的，先去挑几样农货吧。")


class CheckoutTaken(Conflict):
    """The request id belongs to another buyer's checkout."""

    code = "checkout_taken"
    message = N_("这一页已经提交过了，请回到购物车重新下单。")


def place_orders(buyer: Actor, draft: CheckoutDraft) -> list[PlacedOrder]:
    """Turn the buyer's cart into one order per cooperative.

    Idempotent: the same request id answers the orders it made the first time, without
    their tokens. Prices, freight, rules and stock are those of this moment.
    Raises EmptyCart, NotOnSale, OutOfStock, NoDelivery, OrderTooLarge, PriceChanged,
    CooperativeNotReady, TooManyUnpaid or CheckoutTaken; then nothing is ordered.
    """
    [answer] = place_together([Submission(buyer, draft)])
    if isinstance(answer, DomainError):
        raise answer
    return answer


def place_together(submissions: Sequence[Submission]) -> list[Answer]:
    """What `place_orders` would say to each, first come first served.

    A refused one harms no other: it has written nothing but its attempt.
    """
    hold_phones(submissions)
    answers: dict[int, Answer] = dict(_refuse_hurried(submissions))
    rest = [place for place in range(len(submissions)) if place not in answers]
    while rest:
        apart = _apart(rest, submissions)
        placed = _place([submissions[at] for at in apart])
        answers.update(zip(apart, placed, strict=True))
        rest = [place for place in rest if place not in answers]
    return [answers[place] for place in range(len(submissions))]


def _refuse_hurried(submissions: Sequence[Submission]) -> Iterable[tuple[int, TooMany]]:
    """Count the attempts of each address; refuse those that are too many."""
    counted = [at for at, each in enumerate(submissions) if each.address is not None]
    addresses = [submissions[at].address or "" for at in counted]
    if not counted:
        return
    waits = rates.count_each(rates.CHECKOUT_PER_ADDRESS, addresses)
    for at, wait_s in zip(counted, waits, strict=True):
        if wait_s:
            yield at, TooMany(retry_after_s=wait_s)


def _apart(places: Sequence[int], submissions: Sequence[Submission]) -> list[int]:
    """The first of each cart and of each request id: a twin must see its orders."""
    seen: set[object] = set()
    apart = []
    for place in places:
        each = submissions[place]
        keys = {cart_owner(each.buyer), each.draft.request_id}
        if not keys & seen:
            apart.append(place)
        seen |= keys
    return apart


def _place(submissions: Sequence[Submission]) -> list[Answer]:
    """Try to; hold the boxes from the second time on, so that others give way."""
    for number in range(MOST_TRIES):
        try:
            with savepoint():
                return _try_to_place(submissions, holding=number > 0)
        except Moved:
            continue
    raise StateChanged()


def _try_to_place(submissions: Sequence[Submission], *, holding: bool) -> list[Answer]:
    buyers = [each.buyer for each in submissions]
    if holding:
        hold_boxes(boxes_wanted(buyers))
    lines = lines_wanted(buyers)
    # After the lines: who finds a cart empty because of a twin finds its orders too.
    known = checkouts_known([each.draft.request_id for each in submissions])
    rules = rules_in_force(
        {row.cooperative_id for cart in lines.values() for row in cart}, today()
    )
    shelf, holds = dict[int, int](), Holds.of(submissions)
    answers: list[Answer | Plan] = []
    for each in submissions:
        try:
            if made := known.get(each.draft.request_id):
                answers.append(_placed_before(each.buyer, made))
            else:
                cart = lines.get(cart_owner(each.buyer), ())
                answers.append(_planned(each, cart, rules, shelf, holds))
        except DomainError as refusal:
            answers.append(refusal)
    placed = write_plans([each for each in answers if isinstance(each, Plan)])
    return [placed[id(each)] if isinstance(each, Plan) else each for each in answers]


def _placed_before(buyer: Actor, made: Sequence[AnyRow]) -> list[PlacedOrder]:
    same_account = buyer.account_id and buyer.account_id == made[0].account_id
    same_visitor = buyer.visitor_id and buyer.visitor_id == made[0].visitor_id
    if not (same_account or same_visitor):
        raise CheckoutTaken()
    return [
        PlacedOrder(
            order_id=row.order_id,
            payment_id=row.payment_id,
            number=row.number,
            method=PaymentMethod(row.payment_method),
            token=None,
        )
        for row in made
    ]


def _planned(
    submission: Submission,
    cart: Sequence[AnyRow],
    rules: Mapping[int, RulesInForce],
    shelf: dict[int, int],
    holds: Holds,
) -> Plan:
    """What this checkout will write. shelf: boxes left by variant, which it lowers;
    holds: what is unpaid, to which it adds.
    """
    if not cart:
        raise EmptyCart()
    for row in cart:
        if row.state != ListingState.APPROVED:
            raise NotOnSale(product=f"{row.product_name} {row.variant_name}")
    for row in sorted(cart, key=lambda row: int(row.variant_id)):
        left = shelf.setdefault(row.variant_id, row.stock)
        if not row.on_sale or left < row.quantity:
            raise shortage_of(row, left)
    holds.check(submission, cart)
    orders = [planned_order(submission, group, rules) for group in _groups(cart)]
    total_fen = sum(order.total_fen for order, _lines in orders)
    if submission.draft.shown_total_fen not in (None, total_fen):
        raise PriceChanged()
    for row in cart:
        shelf[row.variant_id] -= row.quantity
    holds.add(submission, cart)
    return Plan(submission, orders)


def _groups(cart: Sequence[AnyRow]) -> list[list[Wanted]]:
    """The lines of each cooperative."""
    groups: dict[int, list[Wanted]] = defaultdict(list)
    for row in cart:
        line = CartLine(row.price_fen, row.weight_g, row.quantity)
        groups[row.cooperative_id].append(Wanted(row, line))
    return list(groups.values())
