"""Chinese names as words of an address."""

import re

MAX_SLUG = 80


def slugify(name: str, suffix: str = "") -> str:
    """`name` in pinyin, in lower case with hyphens: 莱芜蜜薯 is "lai-wu-mi-shu-12".

    suffix: makes it unique and is never cut off.
    """
    words = re.findall(r"[a-z0-9]+", _to_ascii(name).lower())
    tail = f"-{suffix}" if suffix else ""
    stem = "-".join(words)[: MAX_SLUG - len(tail)].rstrip("-")
    return f"{stem or 'item'}{tail}"


def _to_ascii(text: str) -> str:
    """Pinyin syllables joined by hyphens; ASCII parts stay as they are."""
    from pypinyin import lazy_pinyin  # its tables take 0.4 s: most processes need none

    return "-".join(lazy_pinyin(text, errors=_keep_ascii))


def _keep_ascii(characters: str) -> str:
    return "".join(c for c in characters if c.isascii())
