"""The systemd units of deploy/, and what they start, on this machine."""

import shlex
from configparser import RawConfigParser
from pathlib import Path

from tests.support.media_server import ROOT

FOLDER = ROOT / "deploy" / "systemd"
RELEASE = "/opt/tianbo/current"


class Unit:
    """A service; `settings` are those of its [Service]."""

    def __init__(self, path: Path) -> None:
        parser = RawConfigParser(strict=False)
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        self.name = path.stem
        self.text = path.read_text().replace(RELEASE, str(ROOT))
        parser.read_string(self.text)
        self.settings = dict(parser["Service"])

    def command(self, **replaced: str) -> list[str]:
        """What it starts; words to be replaced by their option: port="8001"."""
        words = shlex.split(self.settings["ExecStart"])
        for option, value in replaced.items():
            words[words.index(f"--{option.replace('_', '-')}") + 1] = value
        return words


def units() -> list[Unit]:
    """All services."""
    return [Unit(path) for path in sorted(FOLDER.glob("*.service"))]


def unit(name: str) -> Unit:
    """The service of a process."""
    return Unit(FOLDER / f"tianbo-{name}.service")
