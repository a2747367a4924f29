"""Codes people read out over the phone: prefix, day, serial, check character.

The alphabet is Crockford's base 32 (no I, L, O, U). The check character makes the
whole code a multiple of a polynomial over GF(32), so that one wrong character and
two swapped ones are both always noticed.
"""

from dataclasses import dataclass
from datetime import date

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("ILO", "110")
_FIELD_POLYNOMIAL = 0b100101
_DAY_DIGITS = 6


@dataclass(frozen=True)
class CodeKind:
    """One family of codes, such as order numbers.

    prefix: letters in front; serial_characters: how many base-32 characters the
    serial has, the check character not counted.
    """

    prefix: str
    serial_characters: int

    @property
    def serials(self) -> int:
        """How many serials one day has: give a random one below it."""
        return int(32**self.serial_characters)

    def make(self, day: date, serial: int) -> str:
        """The code of a day's serial, e.g. "TB-260311-0003VX"."""
        if not 0 <= serial < self.serials:
            raise ValueError("serial out of range")
        digits = f"{day:%y%m%d}"
        body = _base32(serial, self.serial_characters)
        check = _ALPHABET[_times_alpha(_remainder(digits + body))]
        return f"{self.prefix}-{digits}-{body}{check}"

    def find(self, text: str) -> str | None:
        """The canonical code in `text`, or None when it is none or mistyped.

        Lower case, full-width letters, blanks, missing hyphens and I, L, O for
        1, 1, 0 are forgiven.
        """
        compact = _compact(text)
        bare = compact.removeprefix(self.prefix).translate(_LOOKALIKES)
        digits, body = bare[:_DAY_DIGITS], bare[_DAY_DIGITS:]
        if not compact.startswith(self.prefix) or not _is_day(digits):
            return None
        if len(body) != self.serial_characters + 1 or set(body) - set(_ALPHABET):
            return None
        if _remainder(bare):
            return None
        return f"{self.prefix}-{digits}-{body}"


def _compact(text: str) -> str:
    """Upper-case ASCII letters and digits of `text`, full-width ones included."""
    narrow = "".join(
        chr(ord(character) - 0xFEE0) if "！" <= character <= "～" else character
        for character in text[:40]
    )
    return "".join(narrow.split()).replace("-", "").upper()


def _is_day(digits: str) -> bool:
    """Whether six characters are a day as YYMMDD."""
    if not (digits.isascii() and digits.isdigit() and len(digits) == _DAY_DIGITS):
        return False
    try:
        date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return False
    return True


def _base32(number: int, characters: int) -> str:
    """`number` in base 32, padded with zeros."""
    return "".join(
        _ALPHABET[number >> 5 * place & 31] for place in reversed(range(characters))
    )


def _remainder(text: str) -> int:
    """The value at alpha of the polynomial whose coefficients are `text`."""
    value = 0
    for character in text:
        value = _times_alpha(value) ^ _ALPHABET.index(character)
    return value


def _times_alpha(value: int) -> int:
    """`value` times the generator of GF(32), modulo x⁵ + x² + 1."""
    doubled = value << 1
    return doubled ^ _FIELD_POLYNOMIAL if doubled & 32 else doubled
