"""The catalogue check names every sentence that English lacks or bends."""

from pathlib import Path

import pytest

from scripts import translations

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one sentence; returns where its English is kept."""
    (tmp_path / "babel.cfg").write_text("[python: core/**.py]\n")
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "a.py").write_text('gettext("还差 %(gap)s 包邮")\n')
    po = tmp_path / "translations" / "messages.po"
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "PO", po)
    return po


def _answer(catalogue: Path, english: str, *, extra: str = "") -> int:
    catalogue.parent.mkdir()
    sentence = f'msgid "还差 %(gap)s 包邮"\nmsgstr "{english}"\n\n'
    catalogue.write_text(HEADER + sentence + extra)
    return translations.check()


def test_complete_english_passes(catalogue: Path) -> None:
    assert _answer(catalogue, "%(gap)s short of free delivery") == 0


def test_a_missing_sentence_is_named(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _answer(catalogue, "") == 1
    assert "not in English yet" in capsys.readouterr().out


def test_another_placeholder_is_named(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _answer(catalogue, "%(rest)s short of free delivery") == 1
    assert "placeholders" in capsys.readouterr().out


def test_a_sentence_nobody_says_is_named(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = 'msgid "旧话"\nmsgstr "Old words"\n'
    assert _answer(catalogue, "%(gap)s to go", extra=extra) == 1
    assert "no longer said" in capsys.readouterr().out


def test_update_keeps_what_is_translated(catalogue: Path) -> None:
    _answer(catalogue, "%(gap)s to go")

    translations.update()

    assert translations.check() == 0
    assert "%(gap)s to go" in catalogue.read_text()
