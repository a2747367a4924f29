"""Every component renders under StrictUndefined, escapes, and holds edge data."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.loaders import ChoiceLoader

from core.charts.columns import Series, bar_chart
from core.charts.scale import Unit
from tests.templates import samples
from tests.templates.preview import PAGES, create_preview

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = sorted(
    path.name for path in (ROOT / "templates/components").glob("*.html")
)
EVIL = '<script>alert("1")</script>&'
Draw = Callable[..., str]
VOID = {"area", "base", "br", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Nesting(HTMLParser):
    """Finds tags that are not closed in order, and ids used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


@pytest.fixture(scope="module")
def preview() -> Flask:
    return create_preview()


@pytest.fixture
def draw(preview: Flask) -> Draw:
    """Render a snippet that imports `names` from one component file."""

    def render(component: str, names: str, snippet: str, **values: object) -> str:
        source = f'{{% from "components/{component}.html" import {names} %}}{snippet}'
        pages = preview.jinja_loader
        assert pages is not None
        loader = ChoiceLoader([DictLoader({"snippet": source}), pages])
        env = preview.jinja_env.overlay(loader=loader)
        with preview.test_request_context("/products?q=姜&page=2"):
            return env.get_template("snippet").render(values)

    return render


def parsed(html: str) -> Nesting:
    nesting = Nesting()
    nesting.feed(html)
    return nesting


@pytest.mark.parametrize("query", ["", "?lang=en", "?size=large"])
@pytest.mark.parametrize("path", PAGES)
def test_every_layout_is_well_formed(preview: Flask, path: str, query: str) -> None:
    answer = preview.test_client().get(path + query)
    nesting = parsed(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert not nesting.wrong
    assert not nesting.open
    assert len(nesting.ids) == len(set(nesting.ids))


@pytest.mark.parametrize("path", PAGES)
def test_nothing_inline_reaches_the_page(preview: Flask, path: str) -> None:
    html = preview.test_client().get(path).get_data(as_text=True)
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html
    assert 'href="#"' not in html


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 503, 418])
def test_every_error_says_what_to_do(preview: Flask, status: int) -> None:
    html = preview.test_client().get(f"/preview/error/{status}").get_data(as_text=True)
    assert str(status) in html
    assert "这件商品刚刚卖完" in html
    assert 'href="/"' in html


@pytest.mark.parametrize("status", [400, 500, 503])
def test_the_failure_page_asks_nothing_of_the_app(status: int) -> None:
    source = (ROOT / "templates/errors/plain.html").read_text("utf-8")
    bare = Environment(undefined=StrictUndefined, autoescape=True)
    page = bare.from_string(source).render(status=status)
    assert f">{status}</p>" in page
    assert 'href="/"' in page


def test_the_style_guide_shows_every_component() -> None:
    known_elsewhere = {
        "brand.html",
        "entry_table.html",
        "nav.html",
        "phrased.html",
        "preferences.html",
        "room.html",
        "styleguide.html",
        "work_nav.html",
    }
    source = (ROOT / "templates/components/styleguide.html").read_text("utf-8")
    shown = {name for name in COMPONENTS if f"components/{name}" in source}
    assert set(COMPONENTS) - shown == known_elsewhere


@pytest.mark.parametrize(
    ("component", "names", "snippet"),
    [
        ("badge", "badge", "{{ badge(x) }}"),
        ("breadcrumbs", "breadcrumbs", "{{ breadcrumbs([(x, '/'), (x, '')]) }}"),
        ("checklist", "checklist", "{{ checklist([(True, x, x)]) }}"),
        ("checklist", "promises", "{{ promises([('truck', x)]) }}"),
        (
            "data_table",
            "data_table",
            "{{ data_table(x, [(x, ''), (x, 'num')], [[x, x]]) }}",
        ),
        ("empty_state", "empty_state", "{{ empty_state(x, x, '/', x) }}"),
        ("flash", "flashes", "{{ flashes([('ok', x), ('message', x)]) }}"),
        ("kpi_tile", "kpi_tile", "{{ kpi_tile(x, x, x, x) }}"),
        ("line_item", "line_item", "{{ line_item(x, x, x, 'leaf', x) }}"),
        ("live_card", "live_card", "{{ live_card(x, x, x, x, 'live', x, x, [x]) }}"),
        ("price", "price", "{{ price(0, x) }}"),
        (
            "product_card",
            "product_card",
            "{{ product_card(x, x, x, 5, x, x, x, add_to=x, variant_id=x) }}",
        ),
        ("qr_box", "qr_box", "{{ qr_box('', x, x) }}"),
        ("room", "room_head", "{{ room_head(x, x, x, x) }}"),
        ("stepper", "stepper", "{{ stepper([(x, x)], 0, x) }}"),
        ("sums", "sums", "{{ sums([(x, 5, x)], x, 5) }}"),
        ("timeline", "moment", "{{ moment(x, x, x) }}"),
    ],
)
def test_text_is_escaped(draw: Draw, component: str, names: str, snippet: str) -> None:
    html = draw(component, names, snippet, x=EVIL)
    assert "<script>" not in html
    assert "alert" in html
    assert not parsed(html).wrong


def test_prices_are_whole_yuan_with_small_decimals(draw: Draw) -> None:
    assert "29<small>.9</small>" in draw("price", "price", "{{ price(2990) }}")
    assert "1,234,567,890</span>" in draw("price", "price", "{{ price(123456789000) }}")
    free = draw("price", "price", "{{ price(0, was_fen=0) }}")
    assert ">¥</small>0" in free
    assert "¥0.00" in free


def test_a_field_shows_again_what_was_typed(draw: Draw) -> None:
    html = draw(
        "form_field", "field", "{{ field(f, 'h', '¥') }}", f=samples.wrong_form().price
    )
    assert 'value="三块二"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="price-error price-hint"' in html
    assert "售价只写数字。" in html


def test_a_field_escapes_what_was_typed(draw: Draw) -> None:
    html = draw("form_field", "field", "{{ field(f) }}", f=samples.wrong_form().name)
    assert "&lt;b&gt;苗山大姜" in html
    assert " required" in html
    assert 'maxlength="20"' in html


def test_a_password_is_never_sent_back(draw: Draw) -> None:
    form = samples.ListingForm(password="tianbo-demo")
    html = draw("form_field", "field", "{{ field(f) }}", f=form.password)
    assert 'type="password"' in html
    assert "tianbo-demo" not in html


def test_a_select_keeps_the_choice(draw: Draw) -> None:
    html = draw("form_field", "field", "{{ field(f) }}", f=samples.wrong_form().village)
    assert '<option value="五色崖村" selected>' in html


def test_photos_may_be_many(draw: Draw) -> None:
    html = draw("form_field", "field", "{{ field(f) }}", f=samples.ListingForm().photos)
    assert 'type="file"' in html
    assert " multiple" in html
    assert "value=" not in html


def test_picks_keep_the_choice_and_name_the_group(draw: Draw) -> None:
    html = draw("form_choice", "picks", "{{ picks(f) }}", f=samples.wrong_form().place)
    assert 'value="抖音" checked' in html
    assert "<legend" in html


def test_the_summary_names_the_row_and_leads_to_the_field(draw: Draw) -> None:
    form = samples.wrong_form()
    html = draw(
        "error_summary", "error_summary", "{{ error_summary(form) }}", form=form
    )
    assert 'href="#price"' in html
    assert 'href="#deliveries-0-weight"' in html
    assert "交货 第 1 行 · 净重：斤数只写数字。" in html
    assert 'href="#deliveries-1-farmer"' in html
    assert 'id="errors" tabindex="-1"' in html


def test_the_summary_holds_errors_of_the_whole_form(draw: Draw) -> None:
    form = samples.ListingForm()
    form.form_errors.append("库存不够了。")
    html = draw(
        "error_summary", "error_summary", "{{ error_summary(form) }}", form=form
    )
    assert "<li>库存不够了。</li>" in html


def test_a_right_form_has_no_summary(draw: Draw) -> None:
    form = samples.ListingForm()
    html = draw(
        "error_summary", "error_summary", "{{ error_summary(form) }}", form=form
    )
    assert not html.strip()


def test_pages_keep_the_filters(draw: Draw) -> None:
    html = draw(
        "pagination", "pagination", "{{ pagination(p, '共 96 条') }}", p=samples.Page()
    )
    assert 'href="?q=%E5%A7%9C&amp;page=4"' in html
    assert 'aria-current="page"' in html


@pytest.mark.parametrize("name", ["endpoint", "_external", "_anchor", "_scheme"])
def test_no_name_in_the_address_breaks_the_pages(preview: Flask, name: str) -> None:
    source = (
        '{% from "components/pagination.html" import pagination %}'
        "{{ pagination(p, '') }}"
    )
    with preview.test_request_context(f"/products?{name}=x"):
        page = preview.jinja_env.from_string(source)
        html = page.render(p=samples.Page())
    assert f'href="?{name}=x&amp;page=4"' in html


def test_one_page_needs_no_pagination(draw: Draw) -> None:
    page = samples.Page(page=1, pages=1, total=3)
    assert not draw(
        "pagination", "pagination", "{{ pagination(p, '') }}", p=page
    ).strip()


def test_every_chart_carries_its_numbers(draw: Draw) -> None:
    html = draw(
        "chart",
        "bar_chart",
        "{{ bar_chart(c, '收入', '逐月上升', '月份') }}",
        c=samples.income_chart(),
    )
    assert 'role="img" aria-label="逐月上升"' in html
    assert "<details" in html
    assert "143,000.00" in html


def test_an_empty_chart_is_a_sentence(draw: Draw) -> None:
    html = draw(
        "chart",
        "bar_chart",
        "{{ bar_chart(c, '', '', '') }}",
        c=bar_chart([], [], unit=Unit("元")),
    )
    assert "<svg" not in html
    assert "这段时间还没有数字。" in html


def test_chart_labels_are_escaped(draw: Draw) -> None:
    chart = bar_chart([EVIL], [Series(EVIL, [5])], unit=Unit(EVIL))
    html = draw("chart", "bar_chart", "{{ bar_chart(c, x, x, x) }}", c=chart, x=EVIL)
    assert "<script>" not in html


def test_a_sold_out_product_offers_no_cart(draw: Draw) -> None:
    html = draw(
        "product_card",
        "product_card",
        "{{ product_card('姜', '/', '/i', 5, sold_out=True, add_to='/cart/items') }}",
    )
    assert "<form" not in html
    assert "卖完了" in html


def test_a_quantity_is_bounded_and_named(draw: Draw) -> None:
    html = draw("form_choice", "qty", "{{ qty('n', 2, '大姜数量', 9) }}")
    assert 'data-max="9"' in html
    assert 'aria-label="大姜数量减一"' in html
