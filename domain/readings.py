"""Text as people read it: without what cannot be seen, each sign in its plainest form.

People who want to get a number or a name past a filter put joiners between the signs,
or take others that look the same. Patterns are searched in the reading; what is shown
stays what was typed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unicodedata import category, name, normalize

SILENT_KINDS = frozenset({"Cc", "Cf", "Mn", "Me"})
BLANKS = frozenset(map(chr, (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0)))
"""Letters and symbols, as Unicode has it, that look like nothing at all."""

_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e"
    r"\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0]"
)
"""Control characters, what has no width, and what turns the text around it; joiners
stay, for families among the emoji are made with them."""


@dataclass(frozen=True)
class Reading:
    """`text` is searched; its character `i` stands for `original[at[i]]`."""

    original: str
    text: str
    at: Sequence[int]

    def translated(self, table: dict[int, int]) -> "Reading":
        """The same with single characters exchanged."""
        return Reading(self.original, self.text.translate(table), self.at)

    def replaced(self, pattern: re.Pattern[str], mask: Callable[[str], str]) -> str:
        """The original with `mask` of each part whose reading `pattern` finds."""
        parts, end = [], 0
        for match in pattern.finditer(self.text):
            start = self.at[match.start()]
            parts.append(self.original[end:start])
            end = self._end_after(self.at[match.end() - 1])
            parts.append(mask(self.original[start:end]))
        return "".join([*parts, self.original[end:]])

    def _end_after(self, index: int) -> int:
        """Where what belongs to the character at `index` is over."""
        end = index + 1
        while end < len(self.original) and not _plain(self.original[end]):
            end += 1
        return end


def read(text: str) -> Reading:
    """How `text` reads: １, ① and A are 1, 1 and a; joiners and marks are nothing."""
    signs = [(sign, at) for at, typed in enumerate(text) for sign in _plain(typed)]
    return Reading(text, "".join(sign for sign, _ in signs), [at for _, at in signs])


def one_line(text: str) -> str:
    """The text as it is shown: one line, without what cannot be seen."""
    return " ".join(_UNSEEN.sub("", text).split())


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    if category(character) in SILENT_KINDS or character in BLANKS:
        return ""
    if "ASTERISK" in name(character, ""):
        return "*"
    return normalize("NFKC", character).lower()
