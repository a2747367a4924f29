"""What templates call most is quick, and still answers right every time."""

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup

from core.pages.drawings import draw


@pytest.fixture
def page(app: Flask) -> Iterator[Flask]:
    """A request for a page whose reader chose nothing."""
    with app.test_request_context("/"):
        yield app


def test_what_a_sentence_names_is_escaped(page: Flask) -> None:
    shown = render_template_string("{{ _('搜 %(word)s', word='<b>') }}")
    assert shown == "搜 &lt;b&gt;"


def test_a_sentence_is_markup_and_its_percent_signs_are_halved(page: Flask) -> None:
    assert render_template_string("{{ _('<b>5%%</b>') }}") == "<b>5%</b>"


def test_a_sentence_is_said_in_the_language_of_each_page(app: Flask) -> None:
    heads = []
    for language in ("zh", "en", "zh"):
        with app.test_request_context("/", headers={"Cookie": f"lang={language}"}):
            heads.append(render_template_string("{{ _('农产品') }}"))
    assert heads[0] == heads[2] == "农产品"
    assert heads[1] != "农产品"


@pytest.mark.parametrize(
    ("call", "address"),
    [
        ("url_for('catalogue.index', page=1)", "/products?page=1"),
        ("url_for('catalogue.index', page=true)", "/products?page=True"),
        ("url_for('catalogue.index', page=[1, 2])", "/products?page=1&page=2"),
        ("url_for('catalogue.index', q=none)", "/products"),
        ("url_for('orders.cart', _anchor='line-3')", "/cart#line-3"),
        ("url_for('home.index', _external=true)", "http://localhost/"),
    ],
)
def test_addresses_are_those_of_flask(page: Flask, call: str, address: str) -> None:
    for _again in range(2):
        shown = render_template_string("{{ " + call + " }}")
        assert shown.replace("&amp;", "&") == address


def test_an_address_knows_where_the_app_is_mounted(app: Flask) -> None:
    for mounted_at in ("", "/shop", ""):
        environ = {"SCRIPT_NAME": mounted_at}
        with app.test_request_context("/", environ_overrides=environ):
            shown = render_template_string("{{ url_for('orders.cart') }}")
        assert shown == f"{mounted_at}/cart"


PARTS = "components/price.html", "per_jin"


def test_a_part_is_drawn_once_and_escapes_what_it_shows(page: Flask) -> None:
    first = draw(*PARTS, "<b>5 斤</b>")

    assert first == '<p class="jin">&lt;b&gt;5 斤&lt;/b&gt;</p>'
    assert draw(*PARTS, "<b>5 斤</b>") is first


def test_the_drawing_of_markup_is_not_that_of_the_same_text(page: Flask) -> None:
    assert draw(*PARTS, Markup("<i>5</i>")) == '<p class="jin"><i>5</i></p>'
    assert draw(*PARTS, "<i>5</i>") == '<p class="jin">&lt;i&gt;5&lt;/i&gt;</p>'


def test_each_language_has_a_drawing_of_its_own(app: Flask) -> None:
    feet = []
    for language in ("zh", "en", "zh"):
        with app.test_request_context("/", headers={"Cookie": f"lang={language}"}):
            feet.append(draw("components/nav.html", "footer"))
    assert "看直播" in feet[0]
    assert feet[0] == feet[2] != feet[1]
