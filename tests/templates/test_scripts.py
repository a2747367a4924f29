"""The two scripts, in a real browser, under the app's content policy."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, render_template_string, request
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from core.web.security import content_policy
from tests.templates.preview import create_preview

pytestmark = pytest.mark.browser

PLACES = """
<!doctype html><link rel="icon" href="/static/favicon.svg">
<script src="/static/js/places.js" defer></script>
<form data-places="/static/vendor/china-division/pca.json">
<input id="province" name="province"><input id="city" name="city">
<input id="district" name="district"></form>
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def posts() -> list[dict[str, str]]:
    return []


@pytest.fixture(scope="module")
def address(posts: list[dict[str, str]]) -> Iterator[str]:
    app = create_preview()
    add_pages(app, posts)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def add_pages(app: Flask, posts: list[dict[str, str]]) -> None:
    app.add_url_rule("/places", "places", lambda: render_template_string(PLACES))

    @app.post("/styleguide")
    def sent() -> tuple[str, int]:
        posts.append(request.form.to_dict())
        time.sleep(0.5)
        return "", 204

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_policy((), None)
        return response


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("console", lambda said: problems.append(f"{said.type}: {said.text}"))
    yield page
    page.close()
    assert not [problem for problem in problems if problem.startswith("error")]


def test_plus_and_minus_stay_within_bounds(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide")
    quantity = page.locator("input[name=quantity][data-max]")
    for _ in range(3):
        page.get_by_role("button", name="数量减一").click()
    assert quantity.input_value() == "1"
    quantity.fill("998")
    for _ in range(3):
        page.get_by_role("button", name="数量加一").click()
    assert quantity.input_value() == "999"


def test_a_second_tap_sends_nothing(
    page: Page, address: str, posts: list[dict[str, str]]
) -> None:
    page.goto(f"{address}/styleguide")
    tap = "document.querySelector('form.panel').requestSubmit()"
    page.evaluate("document.querySelector('form.panel').noValidate = true")
    page.evaluate(tap)
    page.wait_for_timeout(150)
    page.evaluate(tap)
    page.wait_for_timeout(800)
    assert len(posts) == 1
    assert posts[0]["request_id"] == "5f2c"


def test_errors_take_the_focus(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide")
    assert page.evaluate("document.activeElement.id") == "errors"


def test_a_chosen_card_is_marked(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide")
    page.get_by_label("自己的直播间").check()
    assert page.locator(".picks .pick.on").inner_text() == "自己的直播间"


def test_photos_are_shown_before_they_are_sent(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide")
    picture = ROOT / "static/img/ginger.svg"
    page.set_input_files("input[type=file]", [picture, picture])
    page.wait_for_function("document.querySelectorAll('.previews img').length === 2")
    page.wait_for_function("document.querySelector('.previews img').naturalWidth > 0")


def test_an_address_gets_its_cities_and_districts(page: Page, address: str) -> None:
    page.goto(f"{address}/places")
    page.fill("#province", "山东省")
    page.fill("#city", "济南市")
    page.focus("#district")
    page.wait_for_selector("#city-places option", state="attached")
    cities = page.eval_on_selector_all(
        "#city-places option", "all => all.map(o => o.value)"
    )
    districts = page.eval_on_selector_all(
        "#district-places option", "all => all.map(o => o.value)"
    )
    assert "济南市" in cities
    assert "莱芜区" in districts


def test_every_province_of_the_rules_is_a_known_place() -> None:
    from domain.regions import PROVINCES

    text = (ROOT / "static/vendor/china-division/pca.json").read_text("utf-8")
    outside = {"台湾省", "香港特别行政区", "澳门特别行政区"}
    assert set(PROVINCES) - outside == set(json.loads(text))
