"""The house rules of `make check` find what they forbid."""

from pathlib import Path

import pytest

from scripts import check_house, check_words


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty tree that the checks take for the project's."""
    for check in (check_house, check_words):
        monkeypatch.setattr(check, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("services/a.py", "def pay():\n    pass\n", "no docstring"),
        ("services/a.py", "db.session.commit()\n", "commit stands only"),
        ("services/a.py", "from core.database import transaction\n", "its callers"),
        ("core/a.py", "def f():\n" + "    x = 1\n" * 41, "42 lines long"),
        ("core/a.py", "x = 1\n" * 301, "301 lines"),
    ],
)
def test_a_house_rule_is_held(tree: Path, name: str, text: str, says: str) -> None:
    _write(tree, name, text)

    [problem] = check_house._problems(name)

    assert says in problem


def test_the_one_place_that_commits_may(tree: Path) -> None:
    _write(tree, "core/database.py", "session.commit()\n")

    assert not list(check_house._problems("core/database.py"))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("core/a.py", f"KEY = 'sk_{'live'}_0123456789'\n", "a secret"),
        ("README.md", f"cd /{'root'}/clone\n", "a path of one machine"),
        ("Makefile", f"pip install -i https://{'pypi'}.org/simple\n", "registry"),
        ("templates/a.html", "{{ text|safe }}\n", "|safe"),
        ("templates/a.html", '<p style="color: red">\n', "inline style"),
        ("templates/a.html", '<a onclick="pay()">\n', "inline handler"),
        ("templates/a.html", "<script>pay()</script>\n", "inline script"),
        ("services/a.py", "Markup(text)\n", "Markup()"),
    ],
)
def test_a_forbidden_word_is_found(tree: Path, name: str, text: str, says: str) -> None:
    _write(tree, name, text)

    assert any(says in problem for problem in check_words._found(name))


def test_a_script_of_our_own_is_no_inline_script(tree: Path) -> None:
    _write(tree, "templates/a.html", "<script src=\"{{ static('a.js') }}\"></script>\n")

    assert not list(check_words._found("templates/a.html"))


def _write(tree: Path, name: str, text: str) -> None:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
