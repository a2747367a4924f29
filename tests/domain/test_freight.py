"""Freight: by zone and weight, explained part by part."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from domain.freight import (
    FreightFigureOutOfRange,
    FreightPart,
    FreightPartKind,
    FreightRule,
    FreightRuleUnreadable,
    FreightZone,
    FreightZonesWrong,
    NoDelivery,
    from_json,
    quote,
    to_json,
)
from domain.regions import PROVINCES, UnknownProvince

NEAR = FreightZone(
    provinces=("山东省", "河北省"),
    first_weight_g=3000,
    first_fen=600,
    step_g=1000,
    step_fen=150,
    free_over_fen=9900,
)
REST = replace(NEAR, provinces=(), first_fen=1200, step_fen=300, free_over_fen=None)
RULE = FreightRule((NEAR,), REST, 3, ("西藏自治区",))

zones = st.builds(
    FreightZone,
    provinces=st.just(()),
    first_weight_g=st.integers(1, 20_000),
    first_fen=st.integers(0, 10_000),
    step_g=st.integers(1, 5_000),
    step_fen=st.integers(0, 2_000),
    free_over_fen=st.none() | st.integers(0, 50_000),
)


def test_the_first_weight_has_one_price() -> None:
    answer = quote(RULE, "山东省", 3000, goods_fen=5000)
    assert answer.fen == 600
    assert answer.parts == (FreightPart(FreightPartKind.FIRST, 3000, 1, 600),)


def test_a_begun_step_counts_whole() -> None:
    answer = quote(RULE, "广东省", 4001, goods_fen=5000)
    assert answer.fen == 1200 + 2 * 300
    assert answer.parts[1] == FreightPart(FreightPartKind.STEPS, 1000, 2, 600)


def test_freight_is_free_from_the_threshold_and_says_what_was_waived() -> None:
    answer = quote(RULE, "河北省", 3500, goods_fen=9900)
    assert (answer.fen, answer.free_gap_fen) == (0, 0)
    assert answer.parts[-1] == FreightPart(FreightPartKind.WAIVED, 0, 1, -750)


def test_the_gap_to_free_freight_is_told() -> None:
    assert quote(RULE, "山东省", 500, goods_fen=9000).free_gap_fen == 900
    assert quote(RULE, "广东省", 500, goods_fen=9000).free_gap_fen is None


def test_where_nobody_delivers_the_buyer_is_told() -> None:
    with pytest.raises(NoDelivery) as refused:
        quote(RULE, "西藏自治区", 500, goods_fen=1)
    assert "西藏自治区" in refused.value.text
    with pytest.raises(NoDelivery):
        quote(FreightRule((NEAR,), None, 1), "广东省", 500, goods_fen=1)


@pytest.mark.parametrize("province", ["", "山东", "Shandong", "火星省", "山东省\x00"])
def test_only_full_names_of_provinces_count(province: str) -> None:
    with pytest.raises(UnknownProvince):
        quote(RULE, province, 500, goods_fen=1)


def test_there_are_34_provinces_each_once() -> None:
    assert len(PROVINCES) == len(set(PROVINCES)) == 34


@given(zones, st.integers(1, 10**6), st.integers(0, 10**6))
def test_the_parts_of_a_quote_sum_to_it(
    zone: FreightZone, weight_g: int, goods_fen: int
) -> None:
    answer = quote(FreightRule((), zone, 1), "山东省", weight_g, goods_fen=goods_fen)
    assert sum(part.fen for part in answer.parts) == answer.fen >= 0


@given(zones, st.integers(1, 10**6), st.integers(0, 10**5))
def test_more_weight_never_costs_less(
    zone: FreightZone, weight_g: int, more_g: int
) -> None:
    rule = FreightRule((), replace(zone, free_over_fen=None), 1)
    lighter = quote(rule, "山东省", weight_g, goods_fen=0)
    heavier = quote(rule, "山东省", weight_g + more_g, goods_fen=0)
    assert lighter.fen <= heavier.fen


@given(zones, st.none() | zones)
def test_a_rule_survives_storing(
    zone: FreightZone, default: FreightZone | None
) -> None:
    named = replace(zone, provinces=("山东省", "北京市"))
    rule = FreightRule((named,), default, 7, ("台湾省",))
    assert from_json(json.loads(json.dumps(to_json(rule)))) == rule


@pytest.mark.parametrize(
    "change",
    [
        {"first_weight_g": 0},
        {"step_g": -1},
        {"first_fen": -1},
        {"step_fen": 10**20},
        {"free_over_fen": -1},
    ],
)
def test_senseless_figures_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(FreightFigureOutOfRange):
        replace(NEAR, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zones_given", "default", "excluded"),
    [
        ((NEAR, NEAR), None, ()),
        ((REST,), None, ()),
        ((replace(NEAR, provinces=("山东",)),), None, ()),
        ((NEAR,), NEAR, ()),
        ((NEAR,), REST, ("山东省",)),
    ],
)
def test_every_province_stands_once_and_in_full(
    zones_given: tuple[FreightZone, ...],
    default: FreightZone | None,
    excluded: tuple[str, ...],
) -> None:
    with pytest.raises(FreightZonesWrong):
        FreightRule(zones_given, default, 1, excluded)


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(anything)
def test_any_other_shape_is_refused_in_words(value: Any) -> None:
    with pytest.raises(FreightRuleUnreadable):
        from_json(value)


@given(st.sampled_from(["version", "zones", "default_zone", "excluded"]), anything)
def test_a_damaged_rule_is_a_rule_or_refused(field: str, value: Any) -> None:
    with suppress(Invalid):
        from_json(to_json(RULE) | {field: value})
