"""What systemd is given: understood, and hardened."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from integrations.exports.pdf_process import LIMITS
from tests.support.units import FOLDER, Unit, unit, units

MOST_EXPOSED = "20"
"""Tenths, of what systemd-analyze thinks a service could do to the machine."""


@pytest.fixture
def systemd_analyze() -> str:
    """The program that reads units."""
    found = shutil.which("systemd-analyze")
    if found is None:
        raise RuntimeError("no systemd here: make test installs it")
    return found


def test_systemd_understands_the_units(systemd_analyze: str, tmp_path: Path) -> None:
    paths = [written(unit, tmp_path) for unit in units()]
    done = subprocess.run(
        [systemd_analyze, "verify", "--man=no", *paths],
        check=False,
        capture_output=True,
        text=True,
    )

    assert len(paths) == 4
    assert [line for line in done.stderr.splitlines() if "tianbo" in line] == []


@pytest.mark.parametrize("service", units(), ids=lambda unit: unit.name)
def test_a_service_can_do_little(
    systemd_analyze: str, tmp_path: Path, service: Unit
) -> None:
    path = written(service, tmp_path)
    options = ["--offline=true", f"--threshold={MOST_EXPOSED}"]
    subprocess.run(
        [systemd_analyze, "security", *options, path], check=True, capture_output=True
    )


@pytest.mark.parametrize("service", units(), ids=lambda unit: unit.name)
def test_a_service_comes_back_and_keeps_its_files_to_itself(service: Unit) -> None:
    assert service.settings["User"] == "tianbo"
    assert service.settings["Restart"] == "always"
    assert service.settings["UMask"] == "0027"


@pytest.mark.parametrize("service", units(), ids=lambda unit: unit.name)
def test_a_service_that_grows_leaves_the_machine_to_the_others(service: Unit) -> None:
    high, most = (size(service.settings[f"Memory{name}"]) for name in ("High", "Max"))

    assert high < most <= size("2G")
    assert int(service.settings["TasksMax"]) <= 256


def test_what_is_live_goes_before_pages_and_those_before_jobs() -> None:
    usual = "100"
    names = ("media", "rtmp", "web", "worker")
    media, rtmp, web, worker = (
        int(unit(name).settings.get("CPUWeight", usual)) for name in names
    )

    assert media == rtmp > web > worker


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_pdf_fits_in_beside_its_service_and_dies_alone(name: str) -> None:
    settings = unit(name).settings

    assert size(settings["MemoryHigh"]) > LIMITS.memory + size("300M")
    assert settings["OOMPolicy"] == "continue"


def size(text: str) -> int:
    """systemd's sizes in bytes."""
    return int(text[:-1]) << 10 * " KMG".index(text[-1])


def test_nginx_may_walk_through_to_the_photos_alone() -> None:
    text = (FOLDER / "tianbo.tmpfiles.conf").read_text()
    rights = dict(re.findall(r"^d (\S+) +(\d+ tianbo www-data)$", text, re.MULTILINE))

    assert rights == {
        "/var/lib/tianbo": "0710 tianbo www-data",
        "/var/lib/tianbo/photos": "2750 tianbo www-data",
    }


def written(service: Unit, folder: Path) -> str:
    """A unit's file for this machine."""
    path = folder / f"{service.name}.service"
    path.write_text(service.text)
    return str(path)
