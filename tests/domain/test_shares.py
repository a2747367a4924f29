"""Shares: what is divided sums up, and refunds end at exactly zero."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import NothingToSplit
from domain.shares import (
    PLATFORM,
    RESERVE,
    UNASSIGNED_MEMBERS,
    FeeBearer,
    Line,
    Party,
    RefundTooLarge,
    RuleOverWhole,
    SplitRule,
    alliance_host,
    bear_fee,
    member,
    split_fee,
    split_refund,
    split_sale,
    user_host,
    village,
)

RULE = SplitRule(
    host_bp=800,
    platform_bp=200,
    village_bp=500,
    reserve_bp=500,
    fee_bearer=FeeBearer.PLATFORM,
)
LINE = Line(7, alliance_host(1), {11: 8 * 500, 12: 7 * 500, 13: 5 * 500})
MEMBERS = (member(11), member(12), member(13))

amounts = st.integers(0, 10**9)
deliveries = st.dictionaries(st.integers(1, 10**6), st.integers(0, 10**7), max_size=12)
hosts = st.none() | st.builds(alliance_host, st.integers(1, 9)) | st.just(user_host(3))
lines = st.builds(Line, st.integers(1, 99), hosts, deliveries)


def bp(host: int, platform: int, village: int, reserve: int) -> dict[str, Any]:
    """The four shares by name."""
    return {
        "host_bp": host,
        "platform_bp": platform,
        "village_bp": village,
        "reserve_bp": reserve,
    }


@st.composite
def rules(draw: st.DrawFn) -> SplitRule:
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=4, max_size=4)))
    shares = [high - low for low, high in zip([0, *cuts[:-1]], cuts, strict=True)]
    bearer = draw(st.sampled_from(FeeBearer))
    return replace(RULE, **bp(*shares), fee_bearer=bearer)


def test_the_golden_order_is_divided_to_the_fen() -> None:
    parts = split_sale(10_080, RULE, LINE)
    assert list(parts.items()) == [
        (alliance_host(1), 806),
        (PLATFORM, 202),
        (village(7), 504),
        (RESERVE, 504),
        (MEMBERS[0], 3226),
        (MEMBERS[1], 2822),
        (MEMBERS[2], 2016),
    ]


def test_the_golden_refund_goes_by_what_is_left_ties_in_order() -> None:
    parts = split_refund(2520, split_sale(10_080, RULE, LINE))
    assert list(parts.values()) == [202, 51, 126, 126, 806, 705, 504]


@given(amounts, rules(), lines)
def test_a_sale_is_divided_without_loss(
    goods_fen: int, rule: SplitRule, line: Line
) -> None:
    parts = split_sale(goods_fen, rule, line)
    assert sum(parts.values()) == goods_fen
    assert min(parts.values()) >= 0


@given(amounts, rules(), lines, st.data())
def test_refunds_in_any_steps_end_at_exactly_zero(
    goods_fen: int, rule: SplitRule, line: Line, data: st.DataObject
) -> None:
    remaining = split_sale(goods_fen, rule, line)
    while left := sum(remaining.values()):
        step = data.draw(st.integers(max(1, left // 4), left))
        refund = split_refund(step, remaining)
        assert sum(refund.values()) == step
        remaining = {party: fen - refund[party] for party, fen in remaining.items()}
        assert min(remaining.values()) >= 0
    assert not any(remaining.values())


@given(rules(), lines, st.lists(st.integers(1, 40), max_size=30))
def test_refunds_of_a_few_fen_never_take_more_than_a_party_has(
    rule: SplitRule, line: Line, steps: list[int]
) -> None:
    remaining = split_sale(600, rule, line)
    for step in steps:
        if step > sum(remaining.values()):
            with pytest.raises(RefundTooLarge):
                split_refund(step, remaining)
            continue
        refund = split_refund(step, remaining)
        remaining = {party: fen - refund[party] for party, fen in remaining.items()}
        assert min(remaining.values()) >= 0


def test_more_than_is_left_is_refused_and_says_what_is_left() -> None:
    with pytest.raises(RefundTooLarge) as refused:
        split_refund(101, {PLATFORM: 100, RESERVE: 0})
    assert "¥1.00" in refused.value.text


def test_nothing_left_and_nothing_asked_is_no_error() -> None:
    assert split_refund(0, {PLATFORM: 0, RESERVE: 0}) == {PLATFORM: 0, RESERVE: 0}
    assert split_refund(0, {}) == {}
    with pytest.raises(RefundTooLarge):
        split_refund(1, {PLATFORM: 0})


def test_a_negative_refund_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="negative"):
        split_refund(-1, {PLATFORM: 100})


@pytest.mark.parametrize("grams", [{}, {11: 0}])
def test_without_deliveries_the_members_share_waits_for_its_owners(
    grams: dict[int, int],
) -> None:
    parts = split_sale(10_000, RULE, Line(7, None, grams))
    assert parts[UNASSIGNED_MEMBERS] == 8800
    assert not [party for party in parts if party.kind == "member"]


def test_without_a_host_the_members_have_the_hosts_share() -> None:
    parts = split_sale(10_000, RULE, Line(7, None, {11: 1}))
    assert parts == {PLATFORM: 200, village(7): 500, RESERVE: 500, member(11): 8800}


@pytest.mark.parametrize(
    "shares", [(-1, 0, 0, 0), (5000, 5000, 1, 0), (10**20, 0, 0, 0)]
)
def test_a_rule_beyond_the_whole_is_refused(shares: tuple[int, int, int, int]) -> None:
    with pytest.raises(RuleOverWhole) as refused:
        replace(RULE, **bp(*shares))
    assert "100%" in refused.value.text


@given(amounts, st.lists(amounts, min_size=1, max_size=9))
def test_a_fee_is_divided_over_lines_without_loss(fee: int, goods: list[int]) -> None:
    assert sum(split_fee(fee, goods)) == fee


def test_a_fee_on_gifts_is_shared_evenly_and_needs_a_line() -> None:
    assert split_fee(5, [0, 0]) == [3, 2]
    with pytest.raises(NothingToSplit):
        split_fee(5, [])


@given(amounts, rules(), lines)
def test_a_fee_is_borne_without_loss(fee: int, rule: SplitRule, line: Line) -> None:
    assert sum(bear_fee(fee, rule, line).values()) == fee


@pytest.mark.parametrize(
    ("bearer", "borne"),
    [
        (FeeBearer.PLATFORM, {PLATFORM: 619}),
        (FeeBearer.COOPERATIVE, {RESERVE: 619}),
        (FeeBearer.HOST, {alliance_host(1): 619}),
        (FeeBearer.VILLAGE, {village(7): 619}),
        (FeeBearer.MEMBERS, dict(zip(MEMBERS, (247, 217, 155), strict=True))),
    ],
)
def test_the_rule_says_who_bears_the_fee(
    bearer: FeeBearer, borne: dict[Party, int]
) -> None:
    rule = replace(RULE, fee_bearer=bearer)
    assert bear_fee(619, rule, LINE) == borne


def test_where_nobody_hosted_the_cooperative_bears_the_hosts_fee() -> None:
    rule = replace(RULE, fee_bearer=FeeBearer.HOST)
    assert bear_fee(9, rule, Line(7, None, {})) == {RESERVE: 9}
