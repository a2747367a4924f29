"""Pages kept for visitors: never another's, never old, compressed once."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest
import zstandard
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from core.access import public
from core.engines.versions import DataVersion
from core.gathered_log import write_lines
from core.web.packing import ENCODERS
from core.web.page_cache import CHECK_S, MOST_BYTES, PageCache, kept_page
from models.catalogue import Product, Variant
from tests.support.databases import build_app, let_go
from tests.support.factories import Goods, Person
from tests.support.people import sign_in, writing

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstandard.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@pytest.fixture
def database_url(engine_url: str) -> str:
    return engine_url


@pytest.fixture
def kept(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app of this test alone that keeps pages, as it does outside tests."""
    app = build_app(database_url, tmp_path, TESTING=False, TIANBO_DEMO="1")
    yield app
    write_lines()  # not into the next test's log
    let_go(app)


@pytest.fixture
def rendered(kept: Flask) -> list[str]:
    """The paths that Flask itself was asked for."""
    asked: list[str] = []
    kept.before_request_funcs.setdefault(None, []).append(lambda: asked.append(_path()))
    return asked


def _path() -> str:
    from flask import request

    return request.full_path.rstrip("?")


def wait_for_a_look() -> None:
    """Until the cache asks again whether anything was written."""
    time.sleep(CHECK_S * 1.2)


def test_a_second_visitor_gets_the_same_page(
    kept: Flask, rendered: list[str], goods: Goods
) -> None:
    first, second = (kept.test_client().get("/products") for _ in range(2))

    assert rendered == ["/products"]
    assert first.data == second.data
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    for name in ("Content-Security-Policy", "Cache-Control", "Content-Type"):
        assert first.headers[name] == second.headers[name]


@pytest.mark.parametrize("cookie", ["tianbo", "visitor"])
def test_who_has_a_session_or_a_cart_is_asked_for_by_itself(
    kept: Flask, rendered: list[str], cookie: str
) -> None:
    client = kept.test_client()
    client.get("/products")
    client.set_cookie(cookie, "x")
    client.get("/products")

    assert len(rendered) == 2


def test_a_persons_page_is_nobody_elses(
    kept: Flask, rendered: list[str], charlie: Person
) -> None:
    theirs = sign_in(kept.test_client(), charlie)
    rendered.clear()

    theirs.get("/products")
    for _ in range(2):
        kept.test_client().get("/products")
    theirs.get("/products")

    assert len(rendered) == 3


def test_language_and_type_size_have_pages_of_their_own(kept: Flask) -> None:
    def page(**cookies: str) -> str:
        client: FlaskClient = kept.test_client()
        for name, value in cookies.items():
            client.set_cookie(name, value)
        return client.get("/products").text

    assert len({page(), page(lang="en"), page(size="large")}) == 3
    assert page(lang="en") == page(lang="en")


def test_what_was_written_is_on_the_next_page(
    app: Flask, kept: Flask, goods: Goods
) -> None:
    """Another process writes: the app that keeps pages is not told."""
    client = kept.test_client()
    assert "山药蛋" not in client.get("/products").text

    with writing(app) as session:
        session.execute(update(Product).values(name="山药蛋"))
    wait_for_a_look()

    assert "山药蛋" in client.get("/products").text


def test_a_sold_out_box_says_so(app: Flask, kept: Flask, goods: Goods) -> None:
    client = kept.test_client()
    before = client.get(f"/products/{goods.slug}").text

    with writing(app) as session:
        session.execute(update(Variant).values(stock=0))
    wait_for_a_look()

    assert client.get(f"/products/{goods.slug}").text != before


@pytest.mark.parametrize("encoding", list(UNPACK))
def test_a_page_comes_compressed_as_the_browser_likes(
    kept: Flask, encoding: str
) -> None:
    client = kept.test_client()
    plain = client.get("/products").data

    def ask(accepted: str) -> TestResponse:
        return client.get("/products", headers={"Accept-Encoding": accepted})

    packed = ask(f"identity, {encoding}")
    assert packed.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in ", ".join(packed.headers.getlist("Vary"))
    assert UNPACK[encoding](packed.data) == plain
    assert ask(f"{encoding};q=0").data == plain


def test_a_page_that_a_browser_holds_is_not_sent_again(
    kept: Flask, rendered: list[str]
) -> None:
    client = kept.test_client()
    client.get("/products")
    etag = client.get("/products").headers["ETag"]

    answer = client.get("/products", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.data) == (304, b"")
    assert len(rendered) == 1


def test_heads_are_answered_without_a_body(kept: Flask) -> None:
    client = kept.test_client()
    body = client.get("/products").data

    answer = client.head("/products")

    assert answer.data == b""
    assert answer.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("path", ["/cart", "/products/none", "/account/login"])
def test_other_pages_are_never_kept(
    kept: Flask, rendered: list[str], path: str
) -> None:
    for _ in range(2):
        kept.test_client().get(path)

    assert rendered == [path, path]


def test_what_sets_a_cookie_is_not_kept(kept: Flask) -> None:
    @kept_page
    @public
    def bake() -> tuple[str, dict[str, str]]:
        return "baked", {"Set-Cookie": "a=b"}

    kept.add_url_rule("/bake", "bake", bake)

    for _ in range(2):
        assert "Set-Cookie" in kept.test_client().get("/bake").headers


def test_many_at_once_let_the_page_be_rendered_once(kept: Flask) -> None:
    asked: list[float] = []

    @kept_page
    @public
    def slow() -> str:
        asked.append(time.monotonic())
        time.sleep(0.05)
        return "slow"

    kept.add_url_rule("/slow", "slow", slow)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: kept.test_client().get("/slow"), range(8)))

    assert {answer.text for answer in answers} == {"slow"}
    assert len(asked) == 1


@pytest.mark.parametrize("encoding", list(UNPACK))
def test_threads_compress_without_disturbing_each_other(encoding: str) -> None:
    pages = [bytes([number]) * 500_000 for number in range(64)]

    with ThreadPoolExecutor(16) as pool:
        packed = list(pool.map(ENCODERS[encoding], pages))

    assert [UNPACK[encoding](one) for one in packed] == pages


def test_old_pages_make_room(kept: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.web.page_cache.MOST_BYTES", 300_000)
    cache = kept.wsgi_app
    assert isinstance(cache, PageCache)

    for number in range(30):
        kept.test_client().get(f"/products?q={number}")

    assert 0 < cache._bytes <= 300_000 < MOST_BYTES
    assert cache._bytes == sum(page.text.size for page in cache._pages.values())


def test_without_a_database_nothing_is_kept(kept: Flask) -> None:
    class Away(DataVersion):
        def __init__(self) -> None:
            pass

        def read(self, max_age_s: float) -> object:
            return None

    cache = PageCache(kept.wsgi_app._app, Away(), ())  # type: ignore[attr-defined]
    kept.wsgi_app = cache  # type: ignore[method-assign,assignment]

    assert kept.test_client().get("/products").status_code == 200
    assert not cache._pages


def test_a_hit_is_logged_as_any_request(
    kept: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        answer = kept.test_client().get("/products")
    write_lines()

    rendered, hit = map(json.loads, capsys.readouterr().err.splitlines())
    assert hit["request_id"] == answer.headers["X-Request-ID"]
    assert hit.pop("kept") is True
    assert hit.keys() == rendered.keys()
    for name in ("event", "level", "method", "route", "status"):
        assert hit[name] == rendered[name], name
    assert hit["timestamp"] > rendered["timestamp"]
    assert isinstance(hit["ms"], float)
