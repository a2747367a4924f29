"""The English catalogue is whole, and nothing Chinese escapes it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import translations
from scripts.source import ROOT, our_files
from tests.support.latin import CHINESE

MARKERS = {"_", "_l", "N_", "gettext", "lazy_gettext", "ngettext", "pgettext"}
SPOKEN = ("app.py", "blueprints/", "core/", "domain/", "integrations/", "services/")
# Text messages go to phones in China, and so do the carrier's and bank's papers; the
# others hold letters that are read from people or told apart, not shown.
NOT_SHOWN = {
    "blueprints/fields.py",
    "blueprints/income/forms.py",
    "blueprints/live/forms.py",
    "blueprints/training/forms.py",
    "core/clock.py",
    "core/pages/filters.py",
    "domain/codes.py",
    "domain/live_chat.py",
    "domain/money.py",
    "domain/numerals.py",
    "domain/weight.py",
    "integrations/exports/csv_file.py",
    "services/accounts/codes.py",
    "services/orders/links.py",
    "services/orders/notices.py",
    "services/payments/opening.py",
    "services/register.py",
}


def test_the_catalogue_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.check() == 0, capsys.readouterr().out


def test_english_has_no_chinese_letters() -> None:
    english = translations.read_english()
    left = [
        message.id
        for message in english
        if message.id and CHINESE.search(str(message.string))
    ]
    assert not left


def test_one_and_many_differ_only_where_they_may() -> None:
    """A count that stands before a noun has both forms."""
    counted = re.compile(r"%\((?:num|count)\)s [a-z]+s\b(?! in your cart|, each)")
    english = translations.read_english()
    single = [
        message.string
        for message in english
        if isinstance(message.id, str) and counted.search(str(message.string))
    ]
    always_many = {
        "%(count)s products in all",
        "%(few)s and others, %(count)s provinces in all",
        "%(names)s and others, %(count)s families in all",
    }
    assert set(single) <= always_many


@pytest.mark.parametrize("name", [n for n in our_files("*.py") if n.startswith(SPOKEN)])
def test_python_says_nothing_in_chinese_alone(name: str) -> None:
    if name in NOT_SHOWN:
        return
    assert list(_unmarked(ROOT / name)) == []


def _unmarked(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    marked = {id(part) for node in ast.walk(tree) for part in _marked(node)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and CHINESE.search(text) and id(node) not in marked:
            yield text


def _marked(node: ast.AST) -> Iterator[ast.AST]:
    """Sentences given to gettext, and docstrings."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.Call) and _name(node.func) in MARKERS:
        for argument in node.args:
            yield from ast.walk(argument)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""
