"""Pricing: sums of a cart and the limits of an order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing import (
    MAX_LINES,
    MAX_ORDER_FEN,
    MAX_PRICE_FEN,
    MAX_QUANTITY,
    CartLine,
    OrderTooLarge,
    PriceOutOfRange,
    QuantityOutOfRange,
    TooManyLines,
    cart_totals,
    check_price,
    check_quantity,
    order_total_fen,
    split_freight,
)

lines = st.lists(
    st.builds(CartLine, st.integers(1, 9999), st.integers(1, 9999), st.integers(1, 99)),
    min_size=1,
    max_size=9,
)


def test_a_cart_is_summed() -> None:
    totals = cart_totals([CartLine(2990, 2500, 2), CartLine(4100, 5000, 1)])
    assert (totals.goods_fen, totals.weight_g) == (10_080, 10_000)


def test_an_empty_cart_costs_nothing() -> None:
    assert cart_totals([]).goods_fen == 0


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1, 10**20])
def test_quantities_nobody_orders_are_refused(quantity: int) -> None:
    with pytest.raises(QuantityOutOfRange):
        check_quantity(quantity)
    with pytest.raises(QuantityOutOfRange) as refused:
        cart_totals([CartLine(100, 500, quantity)])
    assert "999" in refused.value.text


@pytest.mark.parametrize("price", [0, -1, MAX_PRICE_FEN + 1, 10**20])
def test_prices_that_must_be_slips_are_refused(price: int) -> None:
    with pytest.raises(PriceOutOfRange) as refused:
        check_price(price)
    assert "¥100,000.00" in refused.value.text


def test_an_order_beyond_what_can_be_paid_is_refused() -> None:
    assert order_total_fen(MAX_ORDER_FEN - 1, 1) == MAX_ORDER_FEN
    with pytest.raises(OrderTooLarge):
        order_total_fen(MAX_ORDER_FEN, 1)
    with pytest.raises(OrderTooLarge):
        cart_totals([CartLine(MAX_PRICE_FEN, 500, 10)])


def test_a_cart_has_a_limit_of_lines() -> None:
    with pytest.raises(TooManyLines):
        cart_totals([CartLine(1, 1, 1)] * (MAX_LINES + 1))


@given(st.integers(0, 10**6), lines)
def test_freight_is_divided_over_lines_without_loss(
    freight_fen: int, cart: list[CartLine]
) -> None:
    assert sum(split_freight(freight_fen, cart)) == freight_fen
