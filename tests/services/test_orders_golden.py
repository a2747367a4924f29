"""The golden order, from the cart to the bank, to the fen (see decisions on money)."""

import pytest
from sqlalchemy import select

from core.clock import today
from core.database import db, transaction
from domain.ledger.entries import (
    payout_batch,
    payout_confirmed,
    payout_returned,
    to_bank,
)
from domain.ledger.legs import EntryKind
from domain.shares import member
from models.ledger import JournalEntry, LedgerAccount, Posting
from queries.ledger import verify
from sandbox.server import SandboxServer
from services import ledger
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import confirm_delivery, pack, ship
from services.orders.refunding import grant_refund
from tests.support.counter import Counter, box_refund, coop_balances
from tests.support.factories import Person, Place, actor_of
from tests.support.golden import FEE_FEN, Golden, make_golden


@pytest.fixture
def golden(place: Place, alice: Person) -> Golden:
    """Boxes of 4.5 斤 at ¥25.20, delivered by three families 8 : 7 : 5."""
    with transaction():
        return make_golden(place, alice)


def entries(order: PlacedOrder) -> list[tuple[str, dict[str, int]]]:
    """Kind and sums by account of the order's entries, as they were posted."""
    rows = db.session.execute(
        select(
            JournalEntry.id, JournalEntry.kind, LedgerAccount.code, Posting.amount_fen
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(LedgerAccount, LedgerAccount.id == Posting.ledger_account_id)
        .where(JournalEntry.order_id == order.order_id)
        .order_by(JournalEntry.id, Posting.id)
    )
    found: dict[int, tuple[str, dict[str, int]]] = {}
    for entry_id, kind, code, fen in rows:
        sums = found.setdefault(entry_id, (kind, {}))[1]
        name = code.split(":", 2)[2]
        sums[name] = sums.get(name, 0) + fen
    return list(found.values())


def test_the_golden_order_is_right_to_the_fen(
    stripe_sandbox: SandboxServer,
    golden: Golden,
    place: Place,
    charlie: Person,
    alice: Person,
) -> None:
    counter = Counter(stripe_sandbox)
    stripe_sandbox.controls.set(fee_rate_bp=0, fee_fixed=FEE_FEN)

    order = counter.sell(charlie, golden.goods, quantity=4)
    counter.release_money(order)
    with transaction():
        pack(actor_of(alice), order.order_id)
    with transaction():
        ship(actor_of(alice), order.order_id, carrier="顺丰", tracking_number="SF1")
    with transaction():
        confirm_delivery(actor_of(alice), order.order_id)
    with transaction():
        refund_id = grant_refund(actor_of(alice), order.order_id, box_refund(order, 1))
    counter.send_refund(refund_id)

    host, village = f"host:alliance:{place.alliance_id}", f"village:{place.village_id}"
    first, second, third = (f"member:{farmer_id}" for farmer_id in golden.farmer_ids)
    assert entries(order) == [
        ("paid", {"stripe_pending": 11280, "order_clearing": -11280}),
        ("fee", {"psp_fee": 619, "stripe_pending": -619}),
        ("fee_borne", {"platform": 619, "psp_fee_recovered": -619}),
        ("available", {"stripe_available": 10661, "stripe_pending": -10661}),
        (
            "delivered",
            {
                "order_clearing": 11280,
                host: -806,
                "platform": -202,
                village: -504,
                "reserve": -504,
                first: -3226,
                second: -2822,
                third: -2016,
                "freight_payable": -1200,
            },
        ),
        (
            "refund",
            {
                host: 202,
                "platform": 51,
                village: 126,
                "reserve": 126,
                first: 806,
                second: 705,
                third: 504,
                "refund_clearing": -2520,
            },
        ),
        ("refund_done", {"refund_clearing": 2520, "stripe_available": -2520}),
    ]
    _settle(place.cooperative_id, golden.farmer_ids)
    assert coop_balances(place.cooperative_id) == {
        "bank": 3604,
        "psp_fee": 619,
        "psp_fee_recovered": -619,
        "platform": 468,
        "freight_payable": -1200,
        host: -604,
        third: -1512,
        "reserve": -378,
        village: -378,
    }
    assert verify().problems == ()


def _settle(coop: int, families: tuple[int, int, int]) -> None:
    """To the bank, and from there to the members; one payout comes back."""
    first, second, third = (member(farmer_id) for farmer_id in families)
    payouts = {first: 2420, second: 2117, third: 1512}
    steps = (
        (EntryKind.TO_BANK, to_bank(coop, 8141)),
        (EntryKind.PAYOUT_BATCH, payout_batch(coop, payouts)),
        (EntryKind.PAYOUT_CONFIRMED, payout_confirmed(coop, 4537)),
        (EntryKind.PAYOUT_RETURNED, payout_returned(coop, third, 1512)),
    )
    with transaction():
        for kind, legs in steps:
            ledger.post(kind, f"{kind}:{today()}", legs)
