"""Chromium as a visitor would use it, with every complaint it makes kept."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    sync_playwright,
)

from scripts.processes import LOCAL

# A green disc that turns, and a beep: who hosts needs a camera.
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
# The one without a window first: it is Chromium's engine at 40 % of the work.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# A refused form or a missing page is an answer, not a fault of the page.
EXPECTED = re.compile(r"Failed to load resource: .* status of 4\d\d")
PATIENCE_MS = 8_000

_playwrights: list[Playwright] = []


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start the machine's Chromium; without its sandbox where root runs it."""
    flags = ["--disable-dev-shm-usage", *CAMERA]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with _running_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextmanager
def _running_playwright() -> Iterator[Playwright]:
    """The one of this process: a second one beside it would refuse to start."""
    if _playwrights:
        yield _playwrights[0]
        return
    with sync_playwright() as playwright:
        _playwrights.append(playwright)
        try:
            yield playwright
        finally:
            _playwrights.clear()


class Visitor:
    """One person's browser: own cookies, one page, and what went wrong in it."""

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        *,
        width: int,
        language: str,
        scripted: bool = True,
    ) -> None:
        self.context = browser.new_context(
            base_url=base_url,
            locale="en-GB" if language == "en" else "zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 844 if width < 600 else 900},
            has_touch=width < 600,
            java_script_enabled=scripted,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.base_url = base_url
        self.choose(lang=language)
        self.faults: list[str] = []
        self.page = self.open_page()

    def choose(self, **preferences: str) -> None:
        """Have the house remember a language (lang) or letters (size)."""
        self.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.base_url}
                for name, value in preferences.items()
            ]
        )

    def open_page(self) -> Page:
        """Another tab of the same person."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("response", self._answered)
        page.on("request", self._asked)
        return page

    def close(self, screenshot: Path | None = None) -> None:
        """Close every tab, keeping a picture of the last one if asked."""
        if screenshot and self.context.pages:
            self.context.pages[-1].screenshot(path=screenshot, full_page=True)
        self.context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.faults.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} from {response.url}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"http://{LOCAL}:", "data:", "blob:")):
            self.faults.append(f"asked another site: {request.url}")
