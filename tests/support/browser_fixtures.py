"""Fixtures for tests that open real pages."""

import fcntl
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from sandbox.server import SandboxServer
from tests.support.browser import Visitor, running_browser
from tests.support.databases import build_app, copy_sqlite, let_go
from tests.support.house import SANDBOX_STATE, STRIPE_KEY, House

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def demo_template(
    sqlite_template: Path, scratch: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with the demo district's database and pictures, loaded once a run."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):
        shared = shared.parent
    folder = shared / "demo"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _load_demo(sqlite_template, scratch / "demo")
            shutil.copytree(scratch / "demo", folder)
    return folder


def _load_demo(template: Path, folder: Path) -> None:
    """Load it beside a sandbox, whose state file then knows what was paid."""
    folder.mkdir()
    url = copy_sqlite(template, folder / "tianbo.db")
    with SandboxServer(state=folder / SANDBOX_STATE) as sandbox:
        settings = {
            "STRIPE_API_BASE": sandbox.base_url,
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "TIANBO_DEMO": "1",
        }
        app = build_app(url, folder, **settings)
        loaded = app.test_cli_runner().invoke(args=["demo", "load"])
        assert loaded.exit_code == 0, loaded.output
        let_go(app)


@pytest.fixture(scope="module")
def live_server(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The house on the demo district, shared by a file's tests."""
    with demo_house(demo_template, tmp_path_factory) as house:
        yield house


@pytest.fixture
def own_server(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The house on the demo district, of this test alone: for killing processes."""
    with demo_house(demo_template, tmp_path_factory) as house:
        yield house


def demo_house(template: Path, factory: pytest.TempPathFactory) -> House:
    """A house on a copy of the demo district; enter it to open it."""
    instance = factory.mktemp("house") / "instance"
    shutil.copytree(template, instance)
    return House(f"sqlite:///{instance / 'tianbo.db'}", instance)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once a run."""
    with running_browser() as running:
        yield running


@pytest.fixture
def new_visitor(
    browser: Browser, live_server: House, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Open a person's browser at `live_server`.

    width=390, language="zh", scripted=True (False: JavaScript is switched off).

    The test fails on script and console errors, refused content, answers of 500
    and above, and requests to other sites.
    """
    visitors: list[Visitor] = []

    def open_browser(
        *, width: int = 390, language: str = "zh", scripted: bool = True
    ) -> Visitor:
        visitor = Visitor(
            browser,
            live_server.url,
            width=width,
            language=language,
            scripted=scripted,
        )
        visitors.append(visitor)
        return visitor

    yield open_browser
    has_failed = request.node.stash.get(FAILED, False)
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for number, visitor in enumerate(visitors):
        path = _picture(request, number) if has_failed or faults else None
        visitor.close(screenshot=path)
    log = live_server.children["web"].last_lines() if faults else ""
    assert not faults, "\n".join([*faults, "", "The web server says:", log])


@pytest.fixture
def page(new_visitor: Callable[..., Visitor]) -> Page:
    """A visitor's page on a phone, in Chinese."""
    return new_visitor().page


@pytest.fixture
def wide_page(new_visitor: Callable[..., Visitor]) -> Page:
    """A visitor's page on a desk, in Chinese."""
    return new_visitor(width=1440).page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure, so that its pages leave a picture."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def _picture(request: pytest.FixtureRequest, number: int) -> Path:
    folder = request.config.cache.mkdir("pages")
    return folder / f"{request.node.name}-{number}.png"
