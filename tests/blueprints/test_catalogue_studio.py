"""The studio: who may enter, and a form that loses nothing."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select, update

from core.database import db
from models.catalogue import BatchDelivery, Product, ProductPhoto, Variant
from tests.integrations.test_storage import flat_png
from tests.support.factories import Goods, Person, Place, place_order
from tests.support.listing_form import carried, filled, send
from tests.support.people import writing

NEW = "/studio/listings/new"
Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def member(browser_of: Browser, alice: Person) -> FlaskClient:
    return browser_of(alice)


def photo(shade: int = 90, name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 80, 40)).save(file, "JPEG")
    file.seek(0)
    return file, name


def listings_in(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Product)) or 0


def edit_address(goods: Goods) -> str:
    return f"/studio/listings/{goods.id}/edit"


def unchanged(member: FlaskClient, goods: Goods, place: Place) -> dict[str, Any]:
    """What an untouched edit form of `goods` sends back."""
    page = member.get(edit_address(goods))
    fields = filled(
        place,
        name="蜜薯",
        category="sweetpotato",
        story="山坡上长的，个头匀，口感面。",
        harvested_on=None,
        plot=None,
        **{
            "boxes-0-price": "29.90",
            "boxes-0-stock": "100",
            "deliveries-0-farmer_id": None,
            "deliveries-0-weight": None,
        },
    )
    return {**fields, **carried(page), "batch_id": ""}


@pytest.mark.parametrize("page", ["", "/new", "/1", "/1/edit"])
def test_the_studio_is_for_members(
    client: FlaskClient, browser_of: Browser, charlie: Person, page: str
) -> None:
    address = f"/studio/listings{page}"
    answer = client.get(address)
    assert answer.status_code == 303
    assert answer.location.startswith("/account/login?next=")
    assert browser_of(charlie).get(address).status_code == 403


@pytest.mark.parametrize("page", ["", "/edit"])
def test_anothers_listing_does_not_exist(
    browser_of: Browser, bob: Person, goods: Goods, page: str
) -> None:
    client = browser_of(bob)
    assert client.get(f"/studio/listings/{goods.id}{page}").status_code == 404
    assert "蜜薯" not in client.get("/studio/listings").text


def test_anothers_listing_is_not_written(
    browser_of: Browser, bob: Person, goods: Goods, other_place: Place
) -> None:
    client = browser_of(bob)
    answer = send(client, edit_address(goods), filled(other_place))
    assert answer.status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "³", "99999999999999999999", "x"])
def test_a_bad_id_is_not_found(member: FlaskClient, number: str) -> None:
    assert member.get(f"/studio/listings/{number}/edit").status_code == 404


def test_the_list_filters_by_state_and_words(member: FlaskClient, goods: Goods) -> None:
    assert "蜜薯" in member.get("/studio/listings").text
    assert "蜜薯" in member.get("/studio/listings?state=approved&q=蜜").text
    assert "没有找到" in member.get("/studio/listings?state=draft").text
    for query in ("state=<b>", "page=³", "q=%00", "page=-1", "q=%25"):
        assert member.get(f"/studio/listings?{query}").status_code == 200


def test_a_draft_is_saved_with_everything(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    answer = send(member, NEW, filled(place))
    assert answer.status_code == 303
    with app.app_context():
        product = db.session.scalars(select(Product)).one()
        assert answer.location == f"/studio/listings/{product.id}"
        assert (product.state, product.price_from_fen) == ("draft", 3_290)
        assert product.per_jin_fen == 658
        assert product.story == "地窖里存到开春也不糠。\n炖汤出味。"
        assert db.session.scalars(select(BatchDelivery.weight_g)).one() == 306_000
        assert product.slug.startswith("miao-shan-da-jiang-")


def test_a_double_submit_makes_one_listing(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    first, second = (send(member, NEW, filled(place)) for _ in range(2))
    assert first.location == second.location
    assert listings_in(app) == 1


def test_errors_name_their_row_and_nothing_typed_is_lost(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    page = send(
        member,
        NEW,
        filled(
            place,
            act="submit",
            name="",
            story="<b>带泥</b>好存",
            **{
                "boxes-0-stock": "38.5",
                "boxes-1-name": "十斤",
                "boxes-1-price": "abc",
                "deliveries-0-weight": "-3",
            },
        ),
    )
    assert page.status_code == 422
    for words in (
        "请填商品名",
        "规格 第 1 行",
        "规格 第 2 行",
        "请填整数",
        "请填净重",
        "交货 第 1 行",
        'value="38.5"',
        'value="十斤"',
        'value="abc"',
        'value="-3"',
        "&lt;b&gt;带泥&lt;/b&gt;好存",
    ):
        assert words in page.text
    assert listings_in(app) == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "请填商品名"),
        ("name", "长" * 31, "最多写 30 个字"),
        ("name", "a\0b", "看不见的字符"),
        ("category", "gold", "请从列表里选一项"),
        ("village_id", "999999", "请从列表里选一项"),
        ("village_id", "", "请从列表里选一项"),
        ("boxes-0-weight", "0", "净重要大于 0"),
        ("boxes-0-weight", "1e3", "请填数字"),
        ("boxes-0-price", "0", "售价要大于 0"),
        ("boxes-0-price", "32.999", "小数点后最多 2 位"),
        ("boxes-0-price", "²", "请填数字"),
        ("boxes-0-stock", "-1", "请填 0 到 999999 之间的整数"),
        ("boxes-0-stock", "1" + "0" * 20, "请填 0 到 999999 之间的整数"),
        ("boxes-0-stock", "³", "请填整数"),
        ("harvested_on", "昨天", "这样的格式"),
        ("harvested_on", "2099-01-01", "这一天还没到"),
        ("harvested_on", "", "就要填哪天采收的"),
        ("deliveries-0-farmer_id", "999999", "请从列表里选一项"),
        ("deliveries-0-farmer_id", "", "请选是哪一户交的"),
        ("deliveries-0-weight", "", "请填这户交了多少斤"),
        ("version", "x", "请填整数"),
    ],
)
def test_each_mistake_gets_its_sentence(
    member: FlaskClient, place: Place, field: str, value: str, words: str
) -> None:
    page = send(member, NEW, filled(place, **{field: value}))
    assert page.status_code == 422
    assert words in page.text


def test_full_width_numbers_are_taken(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    numbers = {
        "boxes-0-weight": "５",
        "boxes-0-price": "￥３２．９",
        "boxes-0-stock": "３８６",
        "deliveries-0-weight": "６１２",
    }
    assert send(member, NEW, filled(place, **numbers)).status_code == 303
    with app.app_context():
        box = db.session.scalars(select(Variant)).one()
        assert (box.weight_g, box.price_fen, box.stock) == (2_500, 3_290, 386)


def test_a_price_that_lost_a_digit_must_be_confirmed(
    member: FlaskClient, place: Place
) -> None:
    cheap = {"boxes-0-price": "1.99"}
    page = send(member, NEW, filled(place, **cheap))
    assert page.status_code == 422
    assert "合每斤 ¥0.40" in page.text
    assert 'name="confirm_price"' in page.text
    assert (
        send(member, NEW, filled(place, confirm_price="y", **cheap)).status_code == 303
    )


def test_a_family_is_written_once_and_comes_from_the_village(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    twice = {
        "deliveries-1-farmer_id": str(place.farmer_ids[0]),
        "deliveries-1-weight": "5",
    }
    page = send(member, NEW, filled(place, **twice))
    assert "这一户上面写过了" in page.text
    with writing(app):
        from models.alliances import Village

        near = Village(town_id=place.town_id, name="邻村", slug="near")
        db.session.add(near)
        db.session.flush()
        near_id = near.id
    page = send(member, NEW, filled(place, village_id=str(near_id)))
    assert page.status_code == 422
    assert "这一户不在所选的村或合作社" in page.text


def test_a_listing_needs_a_box_and_for_review_a_story(
    member: FlaskClient, place: Place
) -> None:
    none = {f"boxes-0-{name}": "" for name in ("name", "weight", "price", "stock")}
    assert "至少要写一个规格" in send(member, NEW, filled(place, **none)).text
    page = send(member, NEW, filled(place, act="submit", story=""))
    assert page.status_code == 422
    assert "送审前要写几句介绍" in page.text
    off = {"boxes-0-on_sale": None}
    page = send(member, NEW, filled(place, act="submit", **off))
    assert "至少要有一个规格打上“在卖”的勾" in page.text
    assert send(member, NEW, filled(place, story="")).status_code == 303


def test_rows_are_added_without_script_and_keep_what_was_typed(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    page = send(member, NEW, filled(place, act="add_box"))
    assert page.status_code == 200
    assert 'name="boxes-1-name"' in page.text
    assert 'value="苗山大姜"' in page.text
    assert 'value="32.9"' in page.text
    page = send(member, NEW, filled(place, act="add_delivery"))
    assert 'name="deliveries-2-weight"' in page.text
    assert page.text.count("刘家") == 3
    assert listings_in(app) == 0


def test_rows_stop_at_their_number(member: FlaskClient, place: Place) -> None:
    boxes = {f"boxes-{number}-name": f"第{number}种" for number in range(9)}
    page = send(member, NEW, filled(place, act="add_box", **boxes))
    assert page.status_code == 200
    assert page.text.count("的规格") == 0
    assert 'name="boxes-5-name"' in page.text
    assert 'name="boxes-6-name"' not in page.text


@pytest.mark.parametrize(
    "name",
    [
        "boxes-³-name",
        "boxes-１-name",
        "boxes--1-name",
        "boxes-99999999999-name",
        "boxes-" + "9" * 5000 + "-name",
        "boxes-x-name",
        "boxes",
        "kept-0-token",
    ],
)
def test_strange_row_names_change_nothing(
    app: Flask, member: FlaskClient, place: Place, name: str
) -> None:
    assert send(member, NEW, filled(place, **{name: "x"})).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Variant.name)).all() == ["5 斤装"]


def test_an_empty_post_is_a_form_with_errors(
    member: FlaskClient, alice: Person
) -> None:
    answer = member.post(NEW, data={"act": "submit"})
    assert answer.status_code == 422


def test_photos_are_stored_and_the_first_is_the_cover(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    answer = send(member, NEW, filled(place, photos=[photo(10), photo(20)]))
    assert answer.status_code == 303
    with app.app_context():
        keys = db.session.scalars(
            select(ProductPhoto.key).order_by(ProductPhoto.position)
        ).all()
        assert len(set(keys)) == 2
        assert db.session.scalars(select(Product.cover)).one() == keys[0]
    assert member.get(f"/photos/{keys[0]}-480.webp").status_code == 200


def test_photos_survive_a_mistake_elsewhere(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    page = send(
        member, NEW, filled(place, name="", photos=[photo(10), photo(20), photo(10)])
    )
    assert page.status_code == 422
    tokens = {n: v for n, v in carried(page).items() if n.startswith("kept-")}
    assert len(tokens) == 2
    words = {"kept-0-alt": "刚挖出来的姜"}
    assert send(member, NEW, filled(place, **tokens, **words)).status_code == 303
    with app.app_context():
        alts = select(ProductPhoto.alt).order_by(ProductPhoto.position)
        assert db.session.scalars(alts).all() == ["刚挖出来的姜", ""]


def test_a_photo_becomes_the_cover_or_is_dropped_by_its_buttons(
    member: FlaskClient, place: Place
) -> None:
    page = send(member, NEW, filled(place, act="upload", photos=[photo(10), photo(20)]))
    assert page.status_code == 200
    first, second = (carried(page)[f"kept-{n}-token"] for n in (0, 1))
    tokens = {"kept-0-token": first, "kept-1-token": second}
    page = send(member, NEW, filled(place, act="cover:1", **tokens))
    assert carried(page)["kept-0-token"] == second
    page = send(member, NEW, filled(place, act="drop:0", **tokens))
    assert carried(page)["kept-0-token"] == second
    for act in ("drop:9", "cover:³", "drop:", "drop:-1", "x", ""):
        assert send(member, NEW, filled(place, act=act, **tokens)).status_code == 200


def test_bad_files_are_named_and_good_ones_kept(
    member: FlaskClient, place: Place
) -> None:
    files = [
        photo(10),
        (io.BytesIO(b"hello"), "笔记.txt"),
        (flat_png(13_000), "巨图.png"),
    ]
    page = send(member, NEW, filled(place, photos=files))
    assert page.status_code == 422
    assert "“笔记.txt”不是能用的照片" in page.text
    assert "kept-0-token" in carried(page)
    page = send(member, NEW, filled(place, photos=[(flat_png(13_000), "巨图.png")]))
    assert page.status_code == 422
    assert "13000×13000" in page.text
    assert 'value="苗山大姜"' in page.text


def test_no_more_than_eight_photos(member: FlaskClient, place: Place) -> None:
    page = send(
        member, NEW, filled(place, photos=[photo(shade) for shade in range(0, 180, 20)])
    )
    assert page.status_code == 422
    assert "最多放 8 张照片" in page.text
    assert len([name for name in carried(page) if name.startswith("kept-")]) == 8


@pytest.mark.parametrize("token", ["x", "a" * 64, "WyJhIiwxLDFd.forged", "", "³"])
def test_a_forged_photo_is_not_taken(
    app: Flask, member: FlaskClient, place: Place, token: str
) -> None:
    answer = send(member, NEW, filled(place, **{"kept-0-token": token}))
    assert answer.status_code == 303
    with app.app_context():
        assert db.session.scalars(select(ProductPhoto.key)).all() == []


def test_the_edit_form_shows_what_is_stored(
    member: FlaskClient, goods: Goods, place: Place
) -> None:
    page = member.get(edit_address(goods))
    for words in (
        'value="蜜薯"',
        'value="29.90"',
        'value="100"',
        'value="东坡地"',
        'value="600"',
        "通过之前店里看不到",
    ):
        assert words in page.text


def test_saving_an_untouched_form_changes_nothing(
    app: Flask, member: FlaskClient, goods: Goods, place: Place
) -> None:
    fields = unchanged(member, goods, place)
    assert send(member, edit_address(goods), fields).status_code == 303
    with app.app_context():
        product = db.session.get_one(Product, goods.id)
        assert (product.state, product.version) == ("approved", 1)


def test_a_new_price_is_in_the_shop_at_once(
    client: FlaskClient, member: FlaskClient, goods: Goods, place: Place
) -> None:
    fields = unchanged(member, goods, place) | {"boxes-0-price": "25.9"}
    assert send(member, edit_address(goods), fields).status_code == 303
    assert "¥25.90" in client.get(f"/products/{goods.slug}").text
    assert "改价记录" in member.get(edit_address(goods)).text


def test_a_new_story_waits_for_the_lead(
    client: FlaskClient, member: FlaskClient, goods: Goods, place: Place
) -> None:
    fields = unchanged(member, goods, place) | {"story": "换了一种说法。"}
    answer = send(member, edit_address(goods), fields)
    assert answer.status_code == 303
    assert "要负责人再看一遍" in member.get(answer.location).text
    assert client.get(f"/products/{goods.slug}").status_code == 404


def test_what_was_sold_meanwhile_is_said_and_nothing_is_lost(
    app: Flask, member: FlaskClient, goods: Goods, place: Place, charlie: Person
) -> None:
    fields = unchanged(member, goods, place)
    with writing(app):
        place_order(charlie, goods, quantity=3)
    typed = fields | {"boxes-0-stock": "120", "boxes-0-price": "25.9"}
    page = send(member, edit_address(goods), typed)
    assert page.status_code == 409
    assert "卖出了 3 箱，现在是 97 箱" in page.text
    assert 'value="25.9"' in page.text
    assert 'value="120"' in page.text
    again = typed | {"boxes-0-stock_was": carried(page)["boxes-0-stock_was"]}
    assert send(member, edit_address(goods), again).status_code == 303
    with app.app_context():
        assert db.session.get_one(Variant, goods.variant_id).stock == 120


def test_a_colleagues_edit_is_not_overwritten_unseen(
    app: Flask, member: FlaskClient, goods: Goods, place: Place, alice: Person
) -> None:
    fields = unchanged(member, goods, place)
    first = fields | {"boxes-0-price": "25.9"}
    assert send(member, edit_address(goods), first).status_code == 303
    page = send(member, edit_address(goods), fields | {"boxes-0-price": "26.9"})
    assert page.status_code == 409
    assert f"{alice.name}刚刚改过这件商品" in page.text
    assert 'value="26.9"' in page.text
    again = fields | {"boxes-0-price": "26.9", "version": carried(page)["version"]}
    assert send(member, edit_address(goods), again).status_code == 303
    with app.app_context():
        assert db.session.get_one(Variant, goods.variant_id).price_fen == 2_690


def test_a_sold_box_cannot_be_blanked(
    member: FlaskClient, goods: Goods, place: Place
) -> None:
    fields = unchanged(member, goods, place)
    blank = {f"boxes-0-{name}": "" for name in ("name", "weight", "price", "stock")}
    other = {
        "boxes-1-name": "10 斤箱",
        "boxes-1-weight": "10",
        "boxes-1-price": "59",
        "boxes-1-stock": "12",
        "boxes-1-on_sale": "y",
    }
    page = send(member, edit_address(goods), fields | blank | other)
    assert page.status_code == 422
    assert "卖过的规格不能删" in page.text


def test_a_sold_batch_makes_room_for_the_next(
    app: Flask, member: FlaskClient, goods: Goods, charlie: Person
) -> None:
    with writing(app):
        place_order(charlie, goods)
    page = member.get(edit_address(goods)).text
    assert "已经有人买" in page
    assert 'value="东坡地"' not in page


def test_a_listing_that_is_not_ones_own_state_cannot_be_forced(
    app: Flask, member: FlaskClient, goods: Goods, place: Place
) -> None:
    with writing(app) as session:
        session.execute(update(Product).values(state="withdrawn"))
    fields = unchanged(member, goods, place) | {"act": "submit"}
    assert send(member, edit_address(goods), fields).status_code == 303
    with app.app_context():
        assert db.session.get_one(Product, goods.id).state == "submitted"


def test_a_foreign_page_cannot_write(
    app: Flask, member: FlaskClient, place: Place
) -> None:
    answer = member.post(
        NEW, data=filled(place), headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert listings_in(app) == 0
