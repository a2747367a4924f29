"""The shop's pages: shelves, a product, a batch, a photo, the front page."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import Update, update

from core.database import db
from domain.catalogue import ListingState, Photo
from integrations.storage import PhotoStore
from models.alliances import Village
from models.catalogue import HarvestBatch, Product, Variant
from models.cooperative import Farmer, SplitPolicy
from queries.catalogue.products import find_product
from services.catalogue.reviewing import approve_listing
from services.catalogue.writing import save_listing
from services.live import running
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    list_goods,
    listing,
    make_goods,
    stored_draft,
)
from tests.support.people import writing
from tests.support.queries import count_queries
from tests.support.studio import make_room

STRANGE = ["", "0", "-1", "³", "１", "10" * 30, "%00", "\0", "<b>", "1'--", "a" * 300]


def change_goods(app: Flask, **values: object) -> None:
    with writing(app) as session:
        session.execute(update(Product).values(**values))


def batch_code_of(app: Flask, goods: Goods) -> str:
    with app.app_context():
        product = find_product(goods.slug)
        assert product is not None
        assert product.batch is not None
        return product.batch.code


def test_the_shelves_show_name_village_price_and_the_cart(
    client: FlaskClient, goods: Goods
) -> None:
    page = client.get("/products")
    assert page.status_code == 200
    for words in ("蜜薯", "苗山村", "29", "合 ¥5.98/斤", "5 斤装"):
        assert words in page.text
    assert f'name="variant_id" value="{goods.variant_id}"' in page.text
    assert 'action="/cart/items"' in page.text
    assert f'href="/products/{goods.slug}"' in page.text


def test_a_search_keeps_its_filters_and_says_when_nothing_is_found(
    client: FlaskClient, goods: Goods
) -> None:
    found = client.get("/products?q=蜜&category=sweetpotato")
    assert goods.slug in found.text
    assert 'value="蜜"' in found.text
    nothing = client.get("/products?q=<script>x</script>")
    assert nothing.status_code == 200
    assert goods.slug not in nothing.text
    assert "<script>x" not in nothing.text
    assert "这块地还没种上" in nothing.text


def test_shelves_answer_to_their_chinese_names_too(
    client: FlaskClient, goods: Goods
) -> None:
    assert goods.slug in client.get("/products?category=蜜薯").text
    assert goods.slug not in client.get("/products?category=生姜").text


@pytest.mark.parametrize("name", ["q", "category", "village", "page", "all"])
def test_no_filter_breaks_the_shelves(
    client: FlaskClient, goods: Goods, name: str
) -> None:
    for value in STRANGE:
        answer = client.get("/products", query_string={name: value})
        assert answer.status_code == 200, value


def test_sold_out_products_are_listed_only_when_asked_for(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    with writing(app) as session:
        session.execute(update(Variant).values(stock=0))
    assert goods.slug not in client.get("/products").text
    page = client.get("/products?all=1")
    assert goods.slug in page.text
    assert "卖完了" in page.text
    assert 'action="/cart/items"' not in page.text


def test_a_full_shelf_costs_no_more_statements_than_an_empty_one(
    app: Flask, client: FlaskClient, place: Place, alice: Person
) -> None:
    def statements() -> int:
        with app.app_context(), count_queries() as seen:
            assert client.get("/products?all=1").status_code == 200
        return len(seen)

    with writing(app):
        make_goods(place, alice)
    one = statements()
    with writing(app):
        for number in range(12):
            make_goods(place, alice, name=f"蜜薯{number}")
    assert statements() == one <= 6


def test_a_product_page_costs_few_statements(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    client.get(f"/products/{goods.slug}")
    with app.app_context(), count_queries() as statements:
        client.get(f"/products/{goods.slug}")

    assert len([line for line in statements if line.startswith("SELECT")]) <= 11


@pytest.mark.parametrize(
    "change",
    [
        update(Product).values(story="雨水足，个头大。"),
        update(Product).values(sold_count=77),
        update(Variant).values(stock=3),
        update(Variant).values(price_fen=4321),
        update(Village).values(name="柳树湾"),
        update(HarvestBatch).values(plot="东坡"),
        update(Farmer).values(name="赵有田", shown_publicly=True),
        update(SplitPolicy).values(village_bp=SplitPolicy.village_bp + 100),
    ],
    ids=lambda change: "".join(map(str, change.compile().params)),
)
def test_whatever_changes_is_on_the_next_product_page(
    app: Flask, client: FlaskClient, goods: Goods, change: Update
) -> None:
    """What is drawn once is drawn for what it is made of."""
    before = client.get(f"/products/{goods.slug}").text
    assert client.get(f"/products/{goods.slug}").text == before

    with writing(app) as session:
        session.execute(change)

    assert client.get(f"/products/{goods.slug}").text != before


def test_a_product_page_tells_price_origin_freight_and_split(
    client: FlaskClient, goods: Goods, app: Flask
) -> None:
    page = client.get(f"/products/{goods.slug}")
    assert page.status_code == 200
    for words in (
        "还有 100 箱",
        "按净重 5 斤 算",
        "山坡上长的",
        "苗山村",
        "6 斤以内 ¥6.00，每多 2 斤 加 ¥1.00",
        "台湾省暂时送不到",
        batch_code_of(app, goods),
        "2 户交货 1,000 斤",
    ):
        assert words in page.text
    assert 'name="now" value="1"' in page.text


def test_the_parts_of_the_price_add_up_to_it(client: FlaskClient, goods: Goods) -> None:
    page = client.get(f"/products/{goods.slug}").text
    parts = ("23.92", "1.50", "1.49", "2.39", "0.60")
    for part in parts:
        assert f"<b>{part} <small>元" in page
    fen = [2_392, 150, 149, 239, 60]
    assert sum(fen) == 2_990
    assert "合计 <b>29.90 元</b>" in page


def test_another_box_shows_its_own_split(
    app: Flask, client: FlaskClient, place: Place, alice: Person
) -> None:
    draft = listing(place, name="大姜", price_fen=2_990, stock=5)
    large = replace(draft.boxes[0], name="10 斤箱", weight_g=5_000, price_fen=5_490)
    with writing(app):
        both = replace(draft, boxes=(*draft.boxes, large))
        listing_id = list_goods(place, alice, both)
        slug = db.session.get_one(Product, listing_id).slug
        boxes = db.session.query(Variant).order_by(Variant.id).all()
        large_id = boxes[1].id
    page = client.get(f"/products/{slug}?variant={large_id}").text
    shown = page.partition("<template")[0]
    assert "合计 <b>54.90 元</b>" in shown
    assert "合计 <b>29.90 元</b>" not in shown
    assert f'value="{large_id}" checked' in page


def test_a_strange_box_means_the_default_one(client: FlaskClient, goods: Goods) -> None:
    for value in STRANGE:
        page = client.get(f"/products/{goods.slug}", query_string={"variant": value})
        assert page.status_code == 200, value
        assert f'value="{goods.variant_id}" checked' in page.text


def test_a_running_session_with_the_product_is_one_tap_away(
    app: Flask, client: FlaskClient, goods: Goods, place: Place, alice: Person
) -> None:
    with writing(app):
        room = make_room(place, alice, goods)
        room_id, slug = room.id, room.slug

    def page() -> str:
        return client.get(f"/products/{goods.slug}").text

    assert f'href="/live/{slug}"' in page()
    assert "直播间里有这件" in page()
    with writing(app):
        running.pin(actor_of(alice), room_id, goods.id)
    assert "正在直播间讲这件" in page()
    assert "蜜薯当面掰" in page()
    with writing(app):
        running.end_session(actor_of(alice), room_id)
    assert f"/live/{slug}" not in page()


def test_what_members_write_is_text(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    change_goods(app, name="<img src=x onerror=1>", story="<b>一</b>\n{{ 7*7 }}")
    page = client.get(f"/products/{goods.slug}").text
    assert "<img src=x" not in page
    assert "<b>一</b>" not in page
    assert "{{ 7*7 }}" in page


def test_a_sold_out_product_says_so_and_sells_nothing(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    with writing(app) as session:
        session.execute(update(Variant).values(stock=0))
    page = client.get(f"/products/{goods.slug}")
    assert page.status_code == 200
    assert "这一茬卖完了" in page.text
    assert 'name="now"' not in page.text


@pytest.mark.parametrize(
    "state", [state for state in ListingState if state != ListingState.APPROVED]
)
def test_only_approved_products_have_a_page(
    app: Flask, client: FlaskClient, goods: Goods, state: str
) -> None:
    change_goods(app, state=state)
    assert client.get(f"/products/{goods.slug}").status_code == 404
    assert goods.slug not in client.get("/products?all=1").text


@pytest.mark.parametrize("slug", ["nothing", "%00", "a" * 300, "..", "³"])
def test_an_unknown_product_is_not_found(client: FlaskClient, slug: str) -> None:
    assert client.get(f"/products/{slug}").status_code == 404


@pytest.mark.parametrize("address", ["/products", "/products/x", "/batches/x"])
def test_the_shop_is_read_only(client: FlaskClient, address: str) -> None:
    assert client.post(address).status_code == 405


def test_a_batch_is_found_however_its_code_is_typed(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    code = batch_code_of(app, goods)
    sloppy = code.lower().replace("-", "")
    answer = client.get(f"/batches/{sloppy}")
    assert (answer.status_code, answer.location) == (303, f"/batches/{code}")
    assert client.get(f"/batches/{code}").status_code == 200
    assert client.get(f"/batches/{code}/label").status_code == 200


def test_families_are_named_only_where_they_agreed(
    app: Flask, client: FlaskClient, goods: Goods, place: Place
) -> None:
    code = batch_code_of(app, goods)
    for address in (f"/batches/{code}", f"/products/{goods.slug}"):
        page = client.get(address).text
        assert "刘家" not in page
        assert "陈家" not in page
        assert "2 户" in page
    with writing(app) as session:
        session.get_one(Farmer, place.farmer_ids[0]).shown_publicly = True
    page = client.get(f"/batches/{code}").text
    assert "刘家" in page
    assert "陈家" not in page
    assert "不公开姓名的 1 户" in page


@pytest.mark.parametrize("code", ["x", "PC-261110-0000", "TB-260311-0003VX"])
def test_an_unknown_batch_gets_a_sentence(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/batches/{code}")
    assert answer.status_code == 404
    assert "请核对包装上的号码" in answer.text


def test_a_batch_outlives_its_listing(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    code = batch_code_of(app, goods)
    change_goods(app, state=ListingState.WITHDRAWN)
    page = client.get(f"/batches/{code}")
    assert page.status_code == 200
    assert "已经下架" in page.text
    assert f"/products/{goods.slug}" not in page.text
    change_goods(app, approved_at=None)
    assert client.get(f"/batches/{code}").status_code == 404


@pytest.fixture
def photo_key(app: Flask) -> str:
    file = io.BytesIO()
    Image.new("RGB", (700, 500)).save(file, "JPEG")
    file.seek(0)
    root: Path = app.config["TIANBO"].instance / "photos"
    return PhotoStore(root).keep(file, "a").key


def test_a_photo_is_served_forever(client: FlaskClient, photo_key: str) -> None:
    answer = client.get(f"/photos/{photo_key}-480.webp")
    assert answer.status_code == 200
    assert answer.mimetype == "image/webp"
    caching = answer.headers["Cache-Control"]
    assert {"public", "max-age=31536000", "immutable"} <= set(caching.split(", "))
    assert "Set-Cookie" not in answer.headers
    again = client.get(
        f"/photos/{photo_key}-480.webp",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["x", "..%2fsecret_key", "a" * 64 + "-480.webp"])
def test_no_other_file_is_served(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/photos/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_a_product_shows_its_photos_with_their_words(
    app: Flask,
    client: FlaskClient,
    goods: Goods,
    place: Place,
    alice: Person,
    photo_key: str,
) -> None:
    with writing(app):
        photos = (Photo(photo_key, 700, 500, "刚挖出来的"),)
        save_listing(
            actor_of(alice),
            goods.id,
            stored_draft(place, goods, photos=photos),
            version=1,
            request_id="save-form",
        )
        approve_listing(actor_of(alice), goods.id, version=2)
    page = client.get(f"/products/{goods.slug}").text
    assert f"/photos/{photo_key}-960.webp 960w" in page
    assert 'alt="刚挖出来的"' in page
    assert f"/photos/{photo_key}-480.webp" in client.get("/products").text


def test_the_front_page_shows_what_is_fresh_and_where_it_comes_from(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    page = client.get("/")
    assert page.status_code == 200
    for words in (goods.slug, batch_code_of(app, goods), "苗山村", "生姜"):
        assert words in page.text


def test_the_front_page_of_an_empty_house_stands(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    page = client.get("/products")
    assert page.status_code == 200
    assert "这会儿没有在卖的" in page.text


def test_pages_are_in_english_when_asked(client: FlaskClient, goods: Goods) -> None:
    client.set_cookie("lang", "en")
    for address in ("/", "/products", f"/products/{goods.slug}"):
        assert '<html lang="en"' in client.get(address).text
