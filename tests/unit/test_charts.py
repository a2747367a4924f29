"""Charts draw zero, losses, emptiness and huge sums as they are."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.bars import Part, Row, hbars, split_bar
from core.charts.columns import Series, bar_chart
from core.charts.scale import Scale, Unit, fitting, nice_step, text_width

YUAN = Unit("元", 100, 2)
WAN = Unit("万元", 1_000_000, 1)
PIECES = Unit("单")
amounts = st.integers(-(10**13), 10**13)


def number(percent: str) -> float:
    assert percent.endswith("%")
    return float(percent[:-1])


@pytest.mark.parametrize(
    ("unit", "value", "text", "short"),
    [
        (YUAN, 123_456, "1,234.56", "1,234.56"),
        (YUAN, -5, "−0.05", "−0.05"),
        (WAN, 114_500_000, "114.5", "114.5"),
        (WAN, 5_000_000, "5.0", "5"),
        (WAN, -49_999, "0.0", "0"),
        (Unit("斤", 500, 1), 2_275, "4.6", "4.6"),
        (PIECES, 1_000, "1,000", "1,000"),
    ],
)
def test_a_unit_writes_stored_ints(
    unit: Unit, value: int, text: str, short: str
) -> None:
    assert (unit.text(value), unit.short(value)) == (text, short)


def test_the_unit_fits_the_peak_whatever_its_sign() -> None:
    assert fitting([99_999, -1_000_000], YUAN, WAN) is WAN
    assert fitting([999_999], YUAN, WAN) is YUAN
    assert fitting([], YUAN, WAN) is YUAN


@pytest.mark.parametrize(
    ("at_least", "base", "step"),
    [(0, 100, 100), (1, 1, 1), (3, 1, 5), (21, 1, 50), (600, 500, 1_000), (7, 100, 10)],
)
def test_steps_are_round_in_the_shown_unit(at_least: int, base: int, step: int) -> None:
    assert nice_step(Fraction(at_least), base) == step


@given(st.lists(amounts, max_size=20), st.sampled_from([1, 100, 500, 1_000_000]))
def test_every_value_and_zero_lie_on_the_axis(values: list[int], base: int) -> None:
    scale = Scale.over(values, base, 4)
    assert scale.low <= min([0, *values]) <= max([0, *values]) <= scale.high
    assert 0 in scale.stops()
    assert scale.low in scale.stops()
    assert scale.high in scale.stops()
    assert len(scale.stops()) <= 7


def test_columns_stack_up_to_their_sum() -> None:
    chart = bar_chart(
        ["1月"], [Series("农户", [300]), Series("村", [100])], unit=PIECES, steps=4
    )
    farmer, village = chart.blocks
    assert number(village.y) < number(farmer.y)
    assert chart.totals[0].text == "400"
    assert number(chart.totals[0].y) < number(village.y)
    assert chart.frame.rows[0].cells == ("300", "100")
    assert chart.frame.rows[0].total == "400"


def test_a_loss_hangs_below_the_zero_line() -> None:
    chart = bar_chart(["8月", "9月"], [Series("净额", [500, -200])], unit=PIECES)
    (zero,) = [number(tick.y) for tick in chart.frame.ticks if tick.is_zero]
    gain, loss = chart.blocks
    assert number(gain.y) < zero
    assert number(loss.y) == zero
    assert number(chart.totals[1].y) > zero


def test_a_zero_month_has_no_block_but_says_zero() -> None:
    chart = bar_chart(["8月"], [Series("净额", [0])], unit=YUAN)
    assert chart.blocks == ()
    assert [mark.text for mark in chart.totals] == ["0.00"]


def test_a_single_series_needs_no_total() -> None:
    chart = bar_chart(["8月"], [Series("净额", [5])], unit=PIECES)
    assert chart.frame.rows[0].total == ""


def test_no_labels_make_an_empty_chart() -> None:
    assert bar_chart([], [], unit=WAN).frame.is_empty
    assert bar_chart(["1月"], [], unit=WAN).frame.is_empty


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one value a label"):
        bar_chart(["1月"], [Series("净额", [1, 2])], unit=WAN)


def test_the_table_may_be_more_exact_than_the_drawing() -> None:
    chart = bar_chart(["1月"], [Series("净额", [123_456])], unit=WAN, exact=YUAN)
    assert chart.totals[0].text == "0.1"
    assert chart.frame.rows[0].cells == ("1,234.56",)
    assert chart.frame.table_unit == "元"


def test_wide_numbers_get_a_wide_axis() -> None:
    narrow = bar_chart(["1月"], [Series("a", [9])], unit=PIECES)
    wide = bar_chart(["1月"], [Series("a", [10**9])], unit=PIECES)
    assert (narrow.frame.axis, wide.frame.axis) == ("s", "l")


@pytest.mark.parametrize("count", [1, 7, 8, 14, 15, 36, 400])
def test_labels_thin_out_and_the_last_one_stays(count: int) -> None:
    labels = [str(i) for i in range(count)]
    chart = bar_chart(labels, [Series("a", [1] * count)], unit=PIECES)
    assert chart.frame.labels[-1].text == labels[-1]
    assert chart.frame.labels[-1].density == ""
    assert len(chart.frame.labels) <= 14
    on_phones = [mark for mark in chart.frame.labels if not mark.density]
    assert len(on_phones) <= 7
    assert len(chart.frame.rows) == count


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8))
def test_shares_of_an_amount_add_up_to_a_hundred(values: list[int]) -> None:
    split = split_bar([Part("a", value) for value in values], unit=YUAN)
    shares = [int(row.share[:-1]) for row in split.rows if row.share]
    assert sum(shares) == (100 if sum(values) else 0)
    assert sum(number(segment.width) for segment in split.segments) <= 102


def test_a_negative_part_is_written_but_takes_no_room() -> None:
    split = split_bar([Part("农户", 1_864), Part("平台", -4)], unit=YUAN)
    assert [row.text for row in split.rows] == ["18.64", "−0.04"]
    assert [row.share for row in split.rows] == ["", ""]
    assert len(split.segments) == 1
    assert split.total == "18.60"


def test_a_ranking_draws_losses_left_of_zero() -> None:
    chart = hbars([Row("姜", 300), Row("椒", -100)], unit=PIECES)
    gain, loss = (row.bar for row in chart.rows)
    assert (gain.x, gain.width) == ("25%", "75%")
    assert (loss.x, loss.width) == ("0%", "25%")
    assert chart.zero == "25%"


def test_a_ranking_of_nothing_draws_nothing() -> None:
    assert hbars([], unit=PIECES).rows == ()
    assert hbars([Row("姜", 0)], unit=PIECES).rows[0].bar.width == "0%"


def test_chinese_characters_are_two_columns_wide() -> None:
    assert text_width("5 斤") == 4


@pytest.mark.parametrize(
    ("count", "fen", "on_phones"),
    [
        (12, 99_900, 6),
        (12, 12_345_600, 4),
        (7, 99_900, 7),
        (7, 12_345_600, 4),
        (3, 12_345_600, 2),
    ],
)
def test_wide_numbers_keep_apart_on_phones(
    count: int, fen: int, on_phones: int
) -> None:
    labels = [str(index) for index in range(count)]
    chart = bar_chart(labels, [Series("a", [fen] * count)], unit=Unit("元", 100, 1))
    assert sum(mark.density == "" for mark in chart.totals) == on_phones
    assert len(chart.totals) == count
    assert chart.totals[-1].density == ""
