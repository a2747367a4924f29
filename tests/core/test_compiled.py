"""Templates are compiled once for many starts, and shown when they cannot be kept."""

from pathlib import Path

import pytest
from flask import Flask, render_template

from core.pages.compiled import init_compiled


def start(folder: Path, templates: Path) -> Flask:
    app = Flask("start", template_folder=str(templates))
    init_compiled(app, folder)
    return app


def show(app: Flask) -> str:
    with app.test_request_context():
        return render_template("page.html")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "page.html").write_text("first")
    return folder


def test_the_next_start_compiles_nothing(
    tmp_path: Path, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    assert show(start(kept, templates)) == "first"
    again = start(kept, templates)

    def refuse(*_arguments: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(again.jinja_env, "compile", refuse)
    assert show(again) == "first"
    assert kept.stat().st_mode & 0o77 == 0


def test_another_text_is_compiled_anew(tmp_path: Path, templates: Path) -> None:
    show(start(tmp_path / "kept", templates))
    (templates / "page.html").write_text("second")

    assert show(start(tmp_path / "kept", templates)) == "second"


def test_a_broken_file_is_compiled_anew(tmp_path: Path, templates: Path) -> None:
    show(start(tmp_path / "kept", templates))
    for file in (tmp_path / "kept").iterdir():
        file.write_bytes(file.read_bytes()[:60])

    assert show(start(tmp_path / "kept", templates)) == "first"


def test_where_nothing_can_be_kept_pages_are_shown(
    tmp_path: Path, templates: Path
) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")

    assert show(start(tmp_path / "kept", templates)) == "first"
