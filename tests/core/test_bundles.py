"""Style sheets and scripts: one of each a page, from all the sources, kept for good."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from core.pages import bundles
from core.pages.bundles import SCRIPTS, SHEETS, bundle
from core.web.addresses import STATIC, static

LINKED = re.compile(r'<link rel="stylesheet" href="([^"]+)"|<script[^>]* src="([^"]+)"')
NAMES = [f"{kind}.css" for kind in SHEETS] + [f"{kind}.js" for kind in SCRIPTS]
PAPER = {"print"}
"""The sheet of PDF files, which no browser sees."""

TO_COME = {"points", "screen", "service", "workshop"}
"""Sheets of the design whose pages are not there yet."""


@pytest.mark.parametrize("path", ["/", "/products", "/cart", "/account/login", "/no"])
def test_a_page_asks_for_one_sheet_and_one_script(
    client: FlaskClient, path: str
) -> None:
    linked = LINKED.findall(client.get(path).text)

    assert [bool(sheet) for sheet, _script in linked] == [True, False]
    for sheet, script in linked:
        assert client.get(sheet or script).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_bundle_is_kept_for_as_long_as_it_is_the_same(
    client: FlaskClient, name: str
) -> None:
    current, other = client.get(bundle(name)), client.get(f"/bundles/{name}?v=0")

    assert "immutable" in current.headers["Cache-Control"]
    assert other.headers["Cache-Control"] == "public, max-age=300"
    assert current.data == other.data
    assert "Set-Cookie" not in current.headers
    assert current.headers["Vary"] == "Accept-Encoding"


def test_a_bundle_is_sent_packed(client: FlaskClient) -> None:
    plain = client.get(bundle("shop.css"))
    packed = client.get(bundle("shop.css"), headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.mimetype == "text/css"


@pytest.mark.parametrize("name", ["none.css", "shop.js", "page.css", "page", ".js"])
def test_nothing_else_is_a_bundle(client: FlaskClient, name: str) -> None:
    assert client.get(f"/bundles/{name}").status_code == 404


def test_every_source_is_in_a_bundle() -> None:
    def sources(folder: str, ending: str) -> set[str]:
        files = (STATIC / folder).rglob(f"*.{ending}")
        return {
            str(file.relative_to(STATIC / folder).with_suffix("")) for file in files
        }

    assert sources("css", "css") - PAPER - TO_COME == {
        one for of in SHEETS.values() for one in of
    }
    assert sources("js", "js") == {one for of in SCRIPTS.values() for one in of}


def test_drawings_of_a_sheet_are_named_by_their_content(client: FlaskClient) -> None:
    text = client.get(bundle("shop.css")).text

    assert f'url("{static("img/furrow.svg")}")' in text
    assert "../" not in text


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Sources of the script `page` that a test may write."""
    monkeypatch.setattr(bundles, "STATIC", tmp_path)
    bundles._bundle.cache_clear()
    (tmp_path / "js").mkdir()
    for name in SCRIPTS["page"]:
        (tmp_path / "js" / f"{name}.js").write_text("")
    yield tmp_path / "js"
    bundles._bundle.cache_clear()


def test_a_changed_source_has_another_address(sources: Path) -> None:
    before = bundle("page.js")
    bundles._bundle.cache_clear()
    (sources / "ui.js").write_text("var a = 1;")

    assert bundle("page.js") != before


@pytest.mark.browser
def test_a_script_that_fails_takes_no_other_with_it(
    client: FlaskClient, sources: Path, browser: Browser
) -> None:
    first, *_, last = SCRIPTS["page"]
    (sources / f"{first}.js").write_text("var seen = 1; null.length; // so\n")
    (sources / f"{last}.js").write_text("document.title = typeof seen;")
    page = browser.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(error.message))

    page.add_script_tag(content=client.get(bundle("page.js")).text)

    assert page.title() == "undefined"
    page.wait_for_function("true")
    assert len(failed) == 1
    page.close()
