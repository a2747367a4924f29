"""Numbers as people type them: full-width digits, thousands commas, stray blanks."""

import re

from core.errors import N_, Invalid

_WIDE = str.maketrans("０１２３４５６７８９．，－　", "0123456789.,- ")
_PLAIN = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_MAX_CHARACTERS = 40


class NotANumber(Invalid):
    """The text is no plain decimal number."""

    code = "not_a_number"
    message = N_("请填数字，例如 12.50。")


class TooManyDecimals(Invalid):
    """More decimals than the unit has."""

    code = "too_many_decimals"
    message = N_("小数点后最多 %(decimals)s 位。")


class NumberTooLarge(Invalid):
    """Beyond what the field may hold."""

    code = "number_too_large"
    message = N_("这个数太大了，请核对后再填。")


def narrow(text: str) -> str:
    """`text` with full-width digits, point, comma and hyphen made ASCII, trimmed.

    Superscripts and other scripts' digits stay as they are, so that they are
    refused instead of being guessed at.
    """
    return text.translate(_WIDE).strip()


def parse_scaled(text: str, *, decimals: int, maximum: int) -> int:
    """A non-negative decimal as an integer of its smallest unit.

    "1,234.5" with two decimals is 123450. `maximum` is in the smallest unit.
    Raises NotANumber, TooManyDecimals or NumberTooLarge.
    """
    plain = narrow(text)
    found = _PLAIN.fullmatch(plain)
    if not found:
        raise NotANumber
    if len(plain) > _MAX_CHARACTERS:
        raise NumberTooLarge
    fraction = found[1] or ""
    if len(fraction) > decimals:
        raise TooManyDecimals(decimals=decimals)
    whole = plain.partition(".")[0].replace(",", "")
    scaled = int(whole + fraction.ljust(decimals, "0"))
    if scaled > maximum:
        raise NumberTooLarge
    return scaled
