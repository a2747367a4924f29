"""Errand 1: from a member's phone to the shop's shelf, by way of the lead."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.steps import is_drawn, log_in
from tests.support.browser import Visitor
from tests.support.factories import Person, Place


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """What the member took with the phone."""
    path = tmp_path / "刚挖的姜.jpg"
    Image.new("RGB", (1200, 900), (196, 164, 92)).save(path)
    return path


def write_listing(page: Page, place: Place, photo: Path) -> None:
    """Fill in the form, with the price still missing."""
    page.get_by_label("商品名").fill("苗山大姜 带泥鲜挖")
    page.get_by_label("类目").select_option("生姜")
    page.get_by_label("介绍").fill("地窖里存到开春也不糠。\n炖汤出味。")
    page.get_by_label("规格名").fill("5 斤装")
    page.get_by_label("净重").fill("5")
    page.get_by_label("库存").fill("386")
    page.get_by_label("采收日期").fill("2026-03-01")
    page.get_by_label("地块").fill("第三村民组 南坡")
    for row, (family, jin) in enumerate((("刘家", "612"), ("陈家", "388.5"))):
        farmers = page.get_by_label("农户").nth(row)
        farmers.select_option(label=f"{family} · 苗山村")
        page.get_by_label("交货").nth(row).fill(jin)
    page.get_by_label("加照片").set_input_files(photo)


def test_a_member_lists_ginger_and_the_lead_puts_it_into_the_shop(
    new_visitor: Callable[..., Visitor],
    place: Place,
    member: Person,
    lead: Person,
    photo: Path,
) -> None:
    writer = log_in(new_visitor().page, member)
    writer.goto("/studio/listings")
    writer.get_by_role("link", name="写一件商品").first.click()
    write_listing(writer, place, photo)

    writer.get_by_role("button", name="保存并送审").click()

    expect(writer.get_by_role("alert")).to_contain_text("请填一箱卖多少钱。")
    nothing_typed_is_lost(writer)
    writer.get_by_label("售价").fill("３２.９")
    writer.get_by_label("照片上是什么").fill("刚挖出来的姜")
    writer.get_by_role("button", name="保存并送审").click()
    expect(writer.get_by_role("status").first).to_contain_text("送审了")
    the_shop_does_not_have_it(new_visitor().page)

    reader = log_in(new_visitor().page, lead)
    reader.goto("/studio/listings?state=submitted")
    reader.get_by_role("link", name="苗山大姜 带泥鲜挖").click()
    families = reader.get_by_role("table", name="各家交货")
    expect(families.get_by_role("row", name="刘家")).to_contain_text("612 斤")
    reader.get_by_role("button", name="通过，放进店里").click()
    expect(reader.get_by_role("status").first).to_contain_text("通过了")

    the_shop_sells_it(new_visitor().page)


def nothing_typed_is_lost(page: Page) -> None:
    """Every field still holds what was typed, and the photo has been kept."""
    expect(page.get_by_label("商品名")).to_have_value("苗山大姜 带泥鲜挖")
    expect(page.get_by_label("介绍")).to_have_value(
        "地窖里存到开春也不糠。\n炖汤出味。"
    )
    expect(page.get_by_label("规格名")).to_have_value("5 斤装")
    expect(page.get_by_label("净重")).to_have_value("5")
    expect(page.get_by_label("库存")).to_have_value("386")
    expect(page.get_by_label("采收日期")).to_have_value("2026-03-01")
    expect(page.get_by_label("交货").nth(1)).to_have_value("388.5")
    chosen = page.get_by_label("农户").nth(1).locator("option:checked")
    expect(chosen).to_have_text("陈家 · 苗山村")
    photos = page.get_by_role("region", name="照片")
    expect(photos.get_by_text("封面", exact=True)).to_be_visible()
    assert is_drawn(photos.locator("img"))


def the_shop_does_not_have_it(page: Page) -> None:
    """Before the lead has looked, nobody can buy it."""
    page.goto("/products")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("苗山大姜")).to_have_count(0)


def the_shop_sells_it(page: Page) -> None:
    """Price, price per 斤, photo, origin and harvest are on the product's page."""
    page.goto("/products")
    page.get_by_role("link", name="苗山大姜 带泥鲜挖").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("苗山大姜 带泥鲜挖")
    expect(page.get_by_text("¥6.58/斤").first).to_be_visible()
    expect(page.get_by_text("还有 386 箱")).to_be_visible()
    picture = page.get_by_role("img", name="刚挖出来的姜")
    expect(picture).to_be_visible()
    assert is_drawn(picture)
    expect(page.get_by_text("第三村民组 南坡")).to_be_visible()
    page.get_by_role("region", name="从哪块地来").get_by_role("link").first.click()
    table = page.get_by_role("table", name="谁交的货")
    expect(table.get_by_role("row", name="合计")).to_contain_text("1,000.5 斤")
