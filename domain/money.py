"""Money: integer fen, divided so that the parts always sum to the whole."""

from collections.abc import Sequence

from core.errors import N_, Invalid
from domain.numerals import narrow, parse_scaled

MAX_FEN = 10**10
"""The largest amount a person may type: one hundred million yuan."""

JIN_G = 500


class NothingToSplit(Invalid):
    """Every weight is zero, so no part can be larger than another."""

    code = "nothing_to_split"
    message = N_("没有可以分的份额，请先填写各方的份额。")


class NoWeight(Invalid):
    """A price per 斤 needs a weight."""

    code = "no_weight"
    message = N_("请先填写重量，才能算出每斤多少钱。")


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` in proportion to `weights` by largest remainder.

    total: any integer unit; a negative one is divided as its mirror image.
    weights: non-negative; ties go to the one listed first.
    Returns one part per weight, always summing to `total`, each within one unit
    of its exact share.
    Raises NothingToSplit when every weight is zero or none is given.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        raise NothingToSplit
    sign, size = (-1, -total) if total < 0 else (1, total)
    shares = [divmod(size * weight, whole) for weight in weights]
    parts = [part for part, _ in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: -shares[index][1])
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def parse_yuan(text: str) -> int:
    """Yuan as typed ("¥1,234.50", "１２元") in fen, from 0 to MAX_FEN.

    Raises NotANumber, TooManyDecimals or NumberTooLarge.
    """
    bare = narrow(text).removeprefix("¥").removeprefix("￥").removesuffix("元")
    return parse_scaled(bare, decimals=2, maximum=MAX_FEN)


def format_yuan(fen: int) -> str:
    """Fen for a reader: "¥1,234.50", "−¥0.05"."""
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{format_yuan_plain(abs(fen))}"


def format_yuan_plain(fen: int) -> str:
    """Fen for a column whose heading names the unit: "1,234.50", "−0.05"."""
    sign = "−" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d}"


def per_jin_fen(price_fen: int, weight_g: int) -> int:
    """The price of one 斤 (500 g) in fen, halves rounded up.

    price_fen: fen for `weight_g` grams, non-negative. Raises NoWeight at 0 g.
    """
    if weight_g <= 0:
        raise NoWeight
    return (2 * price_fen * JIN_G + weight_g) // (2 * weight_g)
