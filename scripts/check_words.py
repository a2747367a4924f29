"""Words that no committed file may hold: secrets, machine paths, inline code.

Each pattern is written so that it does not match itself.
"""

import re
import sys
from collections.abc import Iterator

from scripts.source import ROOT, our_files, say

EVERYWHERE = {
    "a secret": (
        r"[sr]k_liv[e]_\w{8,}|AKI[A][0-9A-Z]{16}|-----BEGI[N] [A-Z ]*PRIVATE KEY"
    ),
    "a path of one machine": r"/wor[k]/|/roo[t]/|/home/(?!tianbo)\w+/",
    "a registry host": (
        r"py[p]i\.org|python[h]osted|registry\.[n]pmjs|d[e]b\.debian\.org"
    ),
    "a merge mark": r"^(<{7}|>{7}) ",
}
PYTHON = {
    "a test that does not run": r"pytest\.skip\(|mark\.skip\b|importorski[p]",
    "unfinished code": r"\bNotImplementedErro[r]\b",
    "Markup() outside core": r"(?<!def )\bMarku[p]\(",
}
TEMPLATES = {
    "|safe": r"\|\s*safe\b",
    "autoescape off": r"autoescape\s+false",
    "inline style": r"\sstyle\s*=|<style\b",
    "inline handler": r"\son[a-z]+\s*=\s*[\"'{]",
    "inline script": r"<script(?![^>]*\bsrc=)|<script[^>]*>\s*[^\s<]|javascrip[t]:",
}
MARKUP_ALLOWED = ("core/", "tests/", "scripts/check_words.py")


def main() -> int:
    """Check every text file; 1 when a word is found that must not be there."""
    return say([line for name in our_files() for line in _found(name)])


def _found(name: str) -> Iterator[str]:
    try:
        text = (ROOT / name).read_text()
    except UnicodeDecodeError:
        return
    for what, pattern in _rules(name).items():
        for match in re.finditer(pattern, text, re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line} {what}: {match.group().strip()}"


def _rules(name: str) -> dict[str, str]:
    rules = dict(EVERYWHERE)
    if name.endswith(".svg"):
        rules.pop("a path of one machine")
    if name.endswith(".py"):
        rules |= PYTHON
    if name.startswith(MARKUP_ALLOWED):
        rules.pop("Markup() outside core", None)
    if name.startswith("templates/") and name.endswith(".html"):
        rules |= TEMPLATES
    return rules


if __name__ == "__main__":
    sys.exit(main())
