"""The room's scripts: small, without words of their own, and all of them asked for."""

import gzip
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "static/js/live").glob("*.js"))
PAGES = [ROOT / "templates/live" / name for name in ("show.html", "console.html")]
MOST_BYTES = 30 * 1024
TOO_NEW = re.compile(r"\?\.[a-z\[(]|\?\?|\bimport\b|\|\|=")
"""What the oldest WeChat engines that know modules cannot read; and imports, whose
addresses would not change with their content."""


def test_a_room_fetches_little_script() -> None:
    fetched = [*SCRIPTS, ROOT / "static/js/ui.js"]

    packed = sum(len(gzip.compress(path.read_bytes())) for path in fetched)

    assert packed <= MOST_BYTES


def test_scripts_leave_the_words_to_the_templates() -> None:
    speaking = [
        path.name for path in SCRIPTS if re.search("[\u4e00-\u9fff]", path.read_text())
    ]

    assert not speaking


def test_scripts_are_read_by_old_engines() -> None:
    code = {
        path.name: re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)
        for path in SCRIPTS
    }

    assert not [name for name, text in code.items() if TOO_NEW.search(text)]


def test_every_script_is_asked_for() -> None:
    asked = " ".join(path.read_text() for path in PAGES)

    assert SCRIPTS
    assert not [path.stem for path in SCRIPTS if f"'{path.stem}'" not in asked]
