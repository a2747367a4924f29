"""Files of deploy/ with this machine's values in them."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.fill import Unknown, fill, read_values
from scripts.run import ROOT

VALUES = ROOT / "deploy" / "values.example"


def test_every_name_is_replaced() -> None:
    assert fill("listen @PORT@; # @PORT@", {"PORT": "443"}) == "listen 443; # 443"


def test_a_name_without_a_value_is_refused() -> None:
    with pytest.raises(Unknown, match="KEY"):
        fill("@KEY@", {"NAME": "x"})


def test_values_may_hold_anything_but_a_new_line() -> None:
    assert read_values("# a note\n\nA = b=c d\nE=") == {"A": "b=c d", "E": ""}


@pytest.mark.parametrize("name", ["nginx.conf", "rtmp.conf"])
def test_the_example_gives_all_that_is_asked_for(name: str) -> None:
    done = run(ROOT / "deploy" / name, VALUES)

    assert done.returncode == 0
    assert "@NAME@" not in done.stdout


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    values = tmp_path / "values"
    values.write_text("NAME=shop.example.org\n")
    done = run(ROOT / "deploy" / "nginx.conf", values)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"{values} gives no ")


def test_the_command_line_wins() -> None:
    done = run(ROOT / "deploy" / "rtmp.conf", VALUES, "FOLDER=/run/of-its-own")

    assert "pid /run/of-its-own/nginx.pid;" in done.stdout


def run(*arguments: Path | str) -> "subprocess.CompletedProcess[str]":
    """The program itself."""
    command = [sys.executable, "-m", "scripts.fill", *map(str, arguments)]
    return subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True
    )
