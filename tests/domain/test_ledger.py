"""The ledger: every entry balances, and the golden order comes out to the fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import accounts, entries
from domain.ledger.accounts import CoopAccounts
from domain.ledger.entries import SplitLine
from domain.ledger.legs import Leg, Unbalanced, balances, check_balanced, reverse
from domain.orders.states import RefundBearer
from domain.shares import (
    PLATFORM,
    RESERVE,
    UNASSIGNED_MEMBERS,
    FeeBearer,
    Line,
    Party,
    SplitRule,
    alliance_host,
    bear_fee,
    member,
    split_among_members,
    split_refund,
    split_sale,
    user_host,
    village,
)

COOP = 5
BOOKS = CoopAccounts(COOP)
HOST, VILLAGE = alliance_host(1), village(7)
FAMILIES = (member(11), member(12), member(13))

amounts = st.integers(1, 10**9)
parties = st.sampled_from(
    [HOST, user_host(2), PLATFORM, VILLAGE, RESERVE, UNASSIGNED_MEMBERS, *FAMILIES]
)
shares = st.dictionaries(parties, amounts, min_size=1)
split_lines = st.lists(
    st.builds(SplitLine, st.integers(1, 99), shares, st.integers(0, 9999)), min_size=1
)
by_line = st.dictionaries(st.integers(1, 99), st.integers(1, 10**5), min_size=1)


def golden_entries() -> dict[str, list[Leg]]:
    """The golden table's entries, in its order, with the legs the builders answer."""
    rule = SplitRule(
        host_bp=800,
        platform_bp=200,
        village_bp=500,
        reserve_bp=500,
        fee_bearer=FeeBearer.PLATFORM,
    )
    line = Line(7, HOST, {11: 4000, 12: 3500, 13: 2500})
    sale = split_sale(10_080, rule, line)
    refunded = split_refund(2520, sale)
    due = {family: sale[family] - refunded[family] for family in FAMILIES}
    return {
        "paid": entries.paid(COOP, 11_280),
        "fee": entries.fee(COOP, {1: 619}),
        "fee borne": entries.fee_borne(COOP, [SplitLine(1, bear_fee(619, rule, line))]),
        "available": entries.available(COOP, 10_661),
        "delivered": entries.delivered(COOP, [SplitLine(1, sale, 1200)]),
        "refund": entries.refund(COOP, [SplitLine(1, refunded)]),
        "refund done": entries.refund_done(
            COOP, 2520, paid_from=BOOKS.stripe_available
        ),
        "to bank": entries.to_bank(COOP, 8141),
        "payout batch": entries.payout_batch(COOP, due),
        "two confirmed": entries.payout_confirmed(COOP, 4537),
        "one returned": entries.payout_returned(COOP, FAMILIES[2], 1512),
    }


GOLDEN = {
    "paid": {"stripe_pending": 11280, "order_clearing": -11280},
    "fee": {"psp_fee": 619, "stripe_pending": -619},
    "fee borne": {"platform": 619, "psp_fee_recovered": -619},
    "available": {"stripe_available": 10661, "stripe_pending": -10661},
    "delivered": {
        "order_clearing": 11280,
        "host:alliance:1": -806,
        "platform": -202,
        "village:7": -504,
        "reserve": -504,
        "member:11": -3226,
        "member:12": -2822,
        "member:13": -2016,
        "freight_payable": -1200,
    },
    "refund": {
        "host:alliance:1": 202,
        "platform": 51,
        "village:7": 126,
        "reserve": 126,
        "member:11": 806,
        "member:12": 705,
        "member:13": 504,
        "refund_clearing": -2520,
    },
    "refund done": {"refund_clearing": 2520, "stripe_available": -2520},
    "to bank": {"bank": 8141, "stripe_available": -8141},
    "payout batch": {
        "member:11": 2420,
        "member:12": 2117,
        "member:13": 1512,
        "payout_clearing": -6049,
    },
    "two confirmed": {"payout_clearing": 4537, "bank": -4537},
    "one returned": {"payout_clearing": 1512, "member:13": -1512},
}


@pytest.mark.parametrize("entry", GOLDEN)
def test_an_entry_of_the_golden_order(entry: str) -> None:
    legs = golden_entries()[entry]
    check_balanced(legs)
    expected = {f"coop:5:{name}": fen for name, fen in GOLDEN[entry].items()}
    assert balances(legs) == expected


def test_the_golden_order_ends_as_worked_by_hand() -> None:
    legs = [leg for entry in golden_entries().values() for leg in entry]
    left = {code: fen for code, fen in balances(legs).items() if fen}
    assert left == {
        BOOKS.bank: 3604,
        BOOKS.psp_fee: 619,
        BOOKS.psp_fee_recovered: -619,
        BOOKS.party(PLATFORM): 468,
        BOOKS.freight_payable: -1200,
        BOOKS.party(HOST): -604,
        BOOKS.party(FAMILIES[2]): -1512,
        BOOKS.party(RESERVE): -378,
        BOOKS.party(VILLAGE): -378,
    }


def test_the_golden_report_adds_up_per_line() -> None:
    entries = golden_entries()
    kept: dict[Party | None, int] = {}
    for name in ("fee borne", "delivered", "refund"):
        for leg in entries[name]:
            party = accounts.find_party(leg.account)
            if party:
                assert leg.order_line_id == 1
                kept[party] = kept.get(party, 0) - leg.amount_fen
    members_fen = sum(kept[family] for family in FAMILIES)
    assert (members_fen, kept[HOST], kept[PLATFORM]) == (6049, 604, -468)
    assert (kept[RESERVE], kept[VILLAGE]) == (378, 378)
    assert sum(kept.values()) + 619 == 10_080 - 2520


@given(amounts, st.sampled_from([entries.paid, entries.available,
       entries.bank_transfer, entries.cash_collected,
       entries.refund_undelivered, entries.late_payment,
       entries.to_bank, entries.payout_confirmed]))  # fmt: skip
def test_entries_of_one_amount_balance(amount: int, builder: object) -> None:
    assert callable(builder)
    check_balanced(builder(COOP, amount))


@given(split_lines, st.sampled_from([entries.delivered, entries.refund,
       entries.assign_members, entries.fee_borne]))  # fmt: skip
def test_entries_of_split_lines_balance(
    lines: list[SplitLine], builder: object
) -> None:
    assert callable(builder)
    if builder in (entries.assign_members, entries.fee_borne):
        lines = [SplitLine(line.order_line_id, line.parts) for line in lines]
    check_balanced(builder(COOP, lines))


@given(by_line, st.integers(0, 10**6), shares, parties)
def test_the_other_entries_balance(
    fees: dict[int, int], more: int, amounts_due: dict[Party, int], party: Party
) -> None:
    collected = sum(fees.values()) + more
    check_balanced(entries.fee(COOP, fees))
    check_balanced(entries.cash_remitted(COOP, collected, fee_by_line=fees))
    check_balanced(entries.compensation(COOP, fees, RefundBearer.CARRIER))
    check_balanced(entries.payout_batch(COOP, amounts_due))
    check_balanced(entries.payout_returned(COOP, party, collected))
    check_balanced(entries.refund_done(COOP, collected, paid_from=BOOKS.bank))
    for kind in entries.VillageIncomeKind:
        check_balanced(entries.village_income(7, collected, kind))


@given(split_lines)
def test_a_reversal_brings_every_account_back(lines: list[SplitLine]) -> None:
    legs = entries.refund(COOP, lines)
    undone = balances([*legs, *reverse(legs)])
    assert not any(undone.values())


def test_cash_on_delivery_leaves_nothing_open() -> None:
    legs = [
        *entries.cash_collected(COOP, 11_280),
        *entries.delivered(COOP, [SplitLine(1, {PLATFORM: 10_080}, 1200)]),
        *entries.cash_remitted(COOP, 11_280, fee_by_line={1: 80}),
    ]
    sums = balances(legs)
    assert sums[BOOKS.cod_receivable] == sums[BOOKS.order_clearing] == 0
    assert (sums[BOOKS.bank], sums[BOOKS.psp_fee]) == (11_200, 80)


def test_a_late_payment_goes_back_whole() -> None:
    legs = [
        *entries.paid(COOP, 500),
        *entries.late_payment(COOP, 500),
        *entries.refund_done(COOP, 500, paid_from=BOOKS.stripe_pending),
    ]
    assert not any(balances(legs).values())


def test_unassigned_members_are_assigned_without_loss() -> None:
    waiting = entries.delivered(COOP, [SplitLine(1, {UNASSIGNED_MEMBERS: 100})])
    given_to = split_among_members(100, {11: 1, 12: 2})
    legs = [*waiting, *entries.assign_members(COOP, [SplitLine(1, given_to)])]
    sums = balances(legs)
    assert sums[BOOKS.party(UNASSIGNED_MEMBERS)] == 0
    assert sums[BOOKS.party(member(12))] == -67


def test_compensation_leaves_the_parties_their_shares() -> None:
    legs = entries.compensation(COOP, {1: 300}, RefundBearer.CARRIER)
    assert balances(legs) == {
        "coop:5:claim:carrier": 300,
        BOOKS.refund_clearing: -300,
    }
    with pytest.raises(ValueError, match="refund"):
        entries.compensation(COOP, {1: 300}, RefundBearer.PARTIES)


def test_income_of_a_village_keeps_subsidies_apart() -> None:
    subsidy = entries.village_income(7, 900, entries.VillageIncomeKind.SUBSIDY)
    assert balances(subsidy) == {
        "village:7:funds": 900,
        "village:7:subsidy_income": -900,
    }


@pytest.mark.parametrize(
    "legs", [[], [Leg("a", 1)], [Leg("a", 0)], [Leg("a", 1), Leg("b", -2)]]
)
def test_what_does_not_balance_is_stopped(legs: list[Leg]) -> None:
    with pytest.raises(Unbalanced):
        check_balanced(legs)


@given(parties)
def test_a_party_is_found_by_its_account(party: Party) -> None:
    assert accounts.find_party(BOOKS.party(party)) == party


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("coop:5:bank", ("bank", 5, None, None)),
        ("coop:5:claim:carrier", ("claim:carrier", 5, None, None)),
        ("coop:5:village:7", ("village", 5, 7, None)),
        ("coop:5:member:11", ("member", 5, None, 11)),
        ("coop:5:host:user:2", ("host:user", 5, None, None)),
        ("village:7:funds", ("funds", None, 7, None)),
        ("village:7:operating_income", ("operating_income", None, 7, None)),
    ],
)
def test_a_code_says_whose_account_it_is(code: str, facts: tuple[object, ...]) -> None:
    read = accounts.account_facts(code)
    assert (read.kind, read.coop_id, read.village_id, read.farmer_id) == facts


@pytest.mark.parametrize("code", ["", "coop:bank", "coop:5:", "town:1:funds"])
def test_what_is_no_account_is_a_fault_of_the_caller(code: str) -> None:
    with pytest.raises(ValueError, match="not an account"):
        accounts.account_facts(code)
