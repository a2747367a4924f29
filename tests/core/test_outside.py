"""Where a page may send somebody back to."""

from urllib.parse import urlsplit

import pytest
from flask import Flask, redirect, request
from hypothesis import given, settings
from hypothesis import strategies as st

from core.web.addresses import address_parts, safe_next

NASTY = [
    "",
    "products",
    "//evil.example",
    "///evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/%0d%0aSet-Cookie:a=b",
    "/%5cevil.example",
    "/%2f%2fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/products//evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:///evil.example",
    "http://localhost/products",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[",
    "//[::1]/",
    "//evil.example@localhost/",
    "/no/such/page",
    "/account/logout",
    "/cart/items",
    "/account/login",
    "/account/login?next=/account/login",
    "/account/login/code",
    "/account/register",
    "/static/css/base.css",
    "/bundles/shop.css",
    "/products/\x00",
    "/products?q=\x00",
    "/products?q=\r\nX: y",
    "/products?q=\u2028",
    "/orders/" + "9" * 10_000,
    "/products?q=" + "9" * 10_000,
    "/training/records/99999999999999999999",
    "/products/\ud800",
]
GOOD = [
    "/",
    "/products",
    "/products?page=2&q=蜜薯",
    "/products/%E8%9C%9C%E8%96%AF",
    "/account/orders",
    "/orders/T20261124-1",
    "/training/records/7",
    "/coop/income?from=2026-01-01&to=2026-12-31&format=xlsx",
]


@pytest.mark.parametrize("target", [None, *NASTY])
def test_what_is_no_page_of_ours_is_not_followed(
    still_app: Flask, target: str | None
) -> None:
    with still_app.test_request_context():
        assert safe_next(target) == "/"
        assert safe_next(target, "/products") == "/products"


@pytest.mark.parametrize("target", GOOD)
def test_our_own_pages_are_followed(still_app: Flask, target: str) -> None:
    with still_app.test_request_context():
        assert safe_next(target) == target


def test_only_the_page_is_kept_of_an_address(still_app: Flask) -> None:
    with still_app.test_request_context():
        assert safe_next("/products?q=1#//evil.example") == "/products?q=1"


ADDRESSES = st.text(
    st.one_of(st.sampled_from("/\\@:?#%.[]\t\r\n\x00 ae"), st.characters()), max_size=30
)


@settings(deadline=None, max_examples=300)
@given(before=st.sampled_from(["/", "/products", "/products/a?"]), text=ADDRESSES)
def test_whatever_is_asked_the_answer_stays_here(
    still_app: Flask, before: str, text: str
) -> None:
    with still_app.test_request_context():
        answer = redirect(safe_next(before + text))
        location = answer.get_wsgi_headers(request.environ)["Location"]

    parts = urlsplit(location)
    assert (parts.scheme, parts.netloc) == ("", "")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert location.isascii()
    assert location.isprintable()


@settings(deadline=None)
@given(text=st.text() | ADDRESSES)
def test_no_address_is_too_broken_to_be_cut(text: str) -> None:
    assert isinstance(address_parts(text).netloc, str)


@pytest.mark.parametrize(
    ("came_from", "led_back"),
    [
        ("/account/login?next=/coop/income", "/account/login?next=/coop/income"),
        ("/account/register", "/account/register"),
        ("/static/css/base.css", "/"),
        ("//evil.example", "/"),
    ],
)
def test_larger_type_leaves_the_reader_on_the_page(
    still_app: Flask, came_from: str, led_back: str
) -> None:
    typed = {"size": "large", "next": came_from}
    answer = still_app.test_client().post("/preferences", data=typed)

    assert (answer.status_code, answer.location) == (303, led_back)
