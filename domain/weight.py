"""Weight: integer grams, spoken of in 斤 (500 g)."""

from domain.numerals import narrow, parse_scaled

MAX_WEIGHT_G = 10**10
"""Ten thousand tonnes: beyond any cooperative's year."""

_STEP_G = 5
"""0.01 斤, the finest a person may type."""


def parse_jin(text: str) -> int:
    """斤 as typed ("2.5", "１０斤") in grams, in steps of 0.01 斤 = 5 g.

    Raises NotANumber, TooManyDecimals or NumberTooLarge.
    """
    bare = narrow(text).removesuffix("斤")
    hundredths = parse_scaled(bare, decimals=2, maximum=MAX_WEIGHT_G // _STEP_G)
    return hundredths * _STEP_G


def format_jin(weight_g: int) -> str:
    """Grams as a number of 斤, exact and without idle zeros: "2.5", "1,200"."""
    sign = "−" if weight_g < 0 else ""
    jin, thousandths = divmod(abs(weight_g) * 2, 1000)
    fraction = f".{thousandths:03d}".rstrip("0").rstrip(".")
    return f"{sign}{jin:,}{fraction}"
