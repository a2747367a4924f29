"""Chinese names as the ASCII that addresses are made of."""


def to_ascii(text: str) -> str:
    """Pinyin syllables joined by hyphens; ASCII parts stay as they are."""
    from pypinyin import lazy_pinyin  # its tables take 0.4 s: most processes need none

    return "-".join(lazy_pinyin(text, errors=_keep_ascii))


def _keep_ascii(characters: str) -> str:
    return "".join(c for c in characters if c.isascii())
