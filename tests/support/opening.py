"""The rows that the orders of `tests.support.books` hang on."""

from datetime import UTC, date, datetime
from typing import TypeVar

from core.clock import now
from core.database import db
from models.accounts import Account
from models.alliances import (
    Alliance,
    AllianceCooperative,
    AllianceMember,
    Town,
    Village,
)
from models.catalogue import Product, Variant
from models.cooperative import Cooperative, Farmer, FreightPolicy, SplitPolicy
from tests.support.books import PRICES, RULE, Books

Row = TypeVar("Row")


def open_books() -> Books:
    """Write the rows that every order of these books hangs on."""
    town = _kept(Town(name="苗山镇"))
    villages = [
        _kept(Village(town_id=town.id, name=name, slug=slug))
        for name, slug in (("苗山一村", "miaoshan-1"), ("五色崖村", "wuseya"))
    ]
    founded = date(2022, 3, 1)
    alliance = _kept(
        Alliance(
            town_id=town.id,
            name="苗山镇青春党建联盟",
            slug="miaoshan",
            founded_on=founded,
        )
    )
    coops = [
        _cooperative(town, alliance, name, slug)
        for name, slug in (("五彩苗山合作社", "wucai"), ("南峪合作社", "nanyu"))
    ]
    people = {
        name: _kept(
            Account(
                phone=f"138000001{index:02d}",
                name=name,
                password_hash="-",
                phone_proven_at=now(),
            )
        )
        for index, name in enumerate(("会计", "书记", "周晓雯", "李老师", "张干部"))
    }
    _kept(
        AllianceMember(
            alliance_id=alliance.id, account_id=people["周晓雯"].id, joined_on=founded
        )
    )
    farmers = [
        _kept(
            Farmer(
                cooperative_id=coops[0].id,
                village_id=villages[0].id,
                name=name,
                joined_on=founded,
            )
        )
        for name in ("吴家", "张家", "孙家")
    ]
    books = Books(
        town,
        villages,
        alliance,
        coops[0],
        coops[1],
        people,
        farmers,
        {},
        {coop.id: _policies(coop) for coop in coops},
    )
    seller = people["周晓雯"].id
    for name, slug, village, coop in (
        ("蜜薯", "mishu", villages[0], coops[0]),
        ("大姜", "dajiang", villages[1], coops[0]),
        ("山楂", "shanzha", villages[1], coops[1]),
    ):
        product = _product(name, slug, village, coop, alliance, seller)
        books.products[name] = product
        books.variants[product.id] = _variant(product)
    return books


def _cooperative(town: Town, alliance: Alliance, name: str, slug: str) -> Cooperative:
    coop = _kept(
        Cooperative(
            town_id=town.id,
            name=name,
            slug=slug,
            founded_on=date(2022, 4, 1),
            phone="13800000000",
        )
    )
    _kept(
        AllianceCooperative(
            alliance_id=alliance.id, cooperative_id=coop.id, since=date(2022, 4, 1)
        )
    )
    return coop


def _policies(coop: Cooperative) -> tuple[int, int]:
    split = _kept(
        SplitPolicy(
            cooperative_id=coop.id,
            version=1,
            valid_from=date(2022, 4, 1),
            host_bp=RULE.host_bp,
            platform_bp=RULE.platform_bp,
            village_bp=RULE.village_bp,
            reserve_bp=RULE.reserve_bp,
            fee_bearer=RULE.fee_bearer,
            approved_at=datetime(2022, 4, 1, tzinfo=UTC),
        )
    )
    freight = _kept(
        FreightPolicy(
            cooperative_id=coop.id, version=1, valid_from=date(2022, 4, 1), table={}
        )
    )
    return split.id, freight.id


def _product(
    name: str,
    slug: str,
    village: Village,
    coop: Cooperative,
    alliance: Alliance,
    seller: int,
) -> Product:
    price_fen, _weight_g = PRICES[name]
    return _kept(
        Product(
            alliance_id=alliance.id,
            cooperative_id=coop.id,
            village_id=village.id,
            name=name,
            slug=slug,
            category="其他",
            state="approved",
            created_by=seller,
            approved_at=datetime(2024, 1, 1, tzinfo=UTC),
            price_from_fen=price_fen,
        )
    )


def _variant(product: Product) -> int:
    price_fen, weight_g = PRICES[product.name]
    variant = _kept(
        Variant(
            product_id=product.id,
            name="一箱",
            weight_g=weight_g,
            price_fen=price_fen,
            stock=100,
        )
    )
    return int(variant.id)


def _kept(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row
