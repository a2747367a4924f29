"""The room's scripts: small, and without words of their own."""

import gzip
import re
from pathlib import Path

from core.pages.bundles import SCRIPTS as BUNDLES

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "static/js/live").glob("*.js"))
MOST_BYTES = 30 * 1024
TOO_NEW = re.compile(r"\?\.[a-z\[(]|\?\?|\bimport\b|\|\|=")
"""What the oldest WeChat engines that know modules cannot read; and imports, whose
addresses would not change with their content."""


def test_a_room_fetches_little_script() -> None:
    fetched = {
        kind: sum(_packed(source) for source in sources)
        for kind, sources in BUNDLES.items()
    }

    assert max(fetched.values()) <= MOST_BYTES, fetched


def _packed(source: str) -> int:
    return len(gzip.compress((ROOT / f"static/js/{source}.js").read_bytes()))


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
