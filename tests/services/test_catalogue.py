"""Listings: written, changed while they sell, reviewed; and what the shop shows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from core import clock
from core.access import Actor, Grant
from core.clock import now
from core.database import db, transaction
from core.errors import Conflict, DomainError, NotFound, StateChanged
from domain.catalogue import ListingMoved, ListingState, Photo
from domain.categories import Category
from domain.roles import Role, ScopeKind
from models.catalogue import HarvestBatch, Product, ProductVersion, Variant
from queries.catalogue.batches import find_trace, is_batch_sold
from queries.catalogue.listings import (
    ListingFilter,
    count_by_state,
    listings_of,
    prices_of,
)
from queries.catalogue.products import find_product, get_listing
from queries.catalogue.shop import ShopFilter, products_on_sale
from queries.history import steps_of
from services.catalogue.drafts import (
    BatchDraft,
    ListingDraft,
)
from services.catalogue.errors import (
    BatchFixed,
    BoxMissing,
    ForeignFamily,
    ForeignOrigin,
    ListingEdited,
    ListingUnfinished,
    OriginFixed,
    ReturnReasonMissing,
    ReviewOutdated,
    StockMoved,
)
from services.catalogue.reviewing import (
    approve_listing,
    return_listing,
    submit_listing,
    withdraw_listing,
)
from services.catalogue.writing import Saved, create_listing, save_listing
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    listing,
    make_person,
    place_order,
    stored_draft,
    with_box,
)

serials = count(1)
PHOTO = Photo("a" * 64, 1600, 1200, "刚挖出来的")


def draft_of(place: Place, **changes: object) -> ListingDraft:
    return replace(listing(place, name="蜜薯", price_fen=2_990, stock=100), **changes)  # type: ignore[arg-type]


def create(
    place: Place, person: Person, request_id: str = "request-1", **changes: object
) -> Saved:
    with transaction():
        return create_listing(
            actor_of(person),
            draft_of(place, **changes),
            alliance_id=place.alliance_id,
            request_id=request_id,
        )


def save(
    goods: Goods,
    draft: ListingDraft,
    person: Person,
    version: int = 1,
    request_id: str = "",
) -> Saved:
    with transaction():
        return save_listing(
            actor_of(person),
            goods.id,
            draft,
            version=version,
            request_id=request_id or f"save-{next(serials)}",
        )


def state_of(listing_id: int) -> str:
    state = select(Product.state).where(Product.id == listing_id)
    return db.session.scalars(state).one()


def test_a_listing_goes_from_draft_into_the_shop(place: Place, alice: Person) -> None:
    saved = create(place, alice)
    assert saved.state == ListingState.DRAFT
    with transaction():
        submit_listing(actor_of(alice), saved.listing_id)
    assert products_on_sale(ShopFilter()).total == 0
    with transaction():
        approve_listing(actor_of(alice), saved.listing_id, version=1)
    [card] = products_on_sale(ShopFilter()).items
    assert (card.name, card.spec, card.price_fen) == ("蜜薯", "5 斤装", 2_990)
    assert card.per_jin_fen == 598
    moves = [step.to_state for step in steps_of(Product, [saved.listing_id])]
    assert sorted(moves) == ["approved", "draft", "submitted"]


def test_the_address_is_pinyin_and_stays_when_the_name_changes(
    goods: Goods, place: Place, alice: Person
) -> None:
    assert goods.slug.startswith("mi-shu-")
    save(goods, stored_draft(place, goods, name="大姜"), alice)
    assert get_listing(actor_of(alice), goods.id).slug == goods.slug


def test_the_same_request_makes_one_listing(place: Place, alice: Person) -> None:
    assert create(place, alice) == create(place, alice)
    assert db.session.scalar(select(func.count()).select_from(Product)) == 1


def test_another_persons_request_id_opens_nothing_of_theirs(
    place: Place, alice: Person, other_place: Place, bob: Person
) -> None:
    create(place, alice)
    with pytest.raises(StateChanged):
        create(other_place, bob)


def test_nobody_writes_for_an_alliance_of_others(place: Place, bob: Person) -> None:
    with pytest.raises(NotFound):
        create(place, bob)


def test_a_listing_names_only_what_its_alliance_works_with(
    place: Place, alice: Person, other_place: Place
) -> None:
    foreign = draft_of(place, cooperative_id=other_place.cooperative_id)
    with pytest.raises(ForeignOrigin), transaction():
        create_listing(
            actor_of(alice), foreign, alliance_id=place.alliance_id, request_id="x" * 8
        )


def test_only_families_of_the_village_and_cooperative_deliver(
    place: Place, alice: Person, other_place: Place
) -> None:
    foreign = BatchDraft(None, date(2026, 3, 1), "", {other_place.farmer_ids[0]: 500})
    with pytest.raises(ForeignFamily), transaction():
        create_listing(
            actor_of(alice),
            draft_of(place, batch=foreign),
            alliance_id=place.alliance_id,
            request_id="request-1",
        )


WAYS: dict[str, Callable[[Actor, int, Any], object]] = {
    "save": lambda actor, goods, draft: save_listing(
        actor, goods, draft, version=1, request_id="save-form"
    ),
    "submit": lambda actor, goods, _draft: submit_listing(actor, goods),
    "withdraw": lambda actor, goods, _draft: withdraw_listing(actor, goods),
    "approve": lambda actor, goods, _draft: approve_listing(actor, goods, version=1),
    "return": lambda actor, goods, _draft: return_listing(actor, goods, reason="好"),
}


@pytest.mark.parametrize("way", WAYS)
def test_outside_the_alliance_a_listing_does_not_exist(
    goods: Goods, place: Place, bob: Person, charlie: Person, way: str
) -> None:
    draft = stored_draft(place, goods)
    for person in (bob, charlie):
        with pytest.raises(NotFound), transaction():
            WAYS[way](actor_of(person), goods.id, draft)
        with pytest.raises(NotFound):
            get_listing(actor_of(person), goods.id)


@pytest.mark.parametrize("way", ["approve", "return"])
def test_only_who_leads_the_alliance_decides(
    goods: Goods, place: Place, way: str
) -> None:
    with transaction():
        member = make_person(
            "朵拉", Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
        )
    with pytest.raises(NotFound), transaction():
        WAYS[way](actor_of(member), goods.id, None)


def test_price_and_stock_of_an_approved_listing_hold_at_once(
    goods: Goods, place: Place, alice: Person
) -> None:
    draft = stored_draft(place, goods)
    saved = save(goods, with_box(draft, price_fen=2_590, stock=40), alice)
    assert (saved.state, saved.is_hidden) == (ListingState.APPROVED, False)
    product = find_product(goods.slug)
    assert product is not None
    assert (product.boxes[0].price_fen, product.boxes[0].stock) == (2_590, 40)
    assert product.version == 2
    newest, first = prices_of(goods.id)
    assert (newest.before_fen, newest.price_fen, newest.who) == (
        2_990,
        2_590,
        alice.name,
    )
    assert (first.before_fen, first.price_fen) == (None, 2_990)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "大姜"},
        {"story": "换了一种说法。"},
        {"category": Category.GINGER},
        {"photos": (PHOTO,)},
    ],
    ids=["name", "story", "shelf", "photos"],
)
def test_other_content_takes_a_listing_out_until_it_is_approved_again(
    goods: Goods, place: Place, alice: Person, changes: dict[str, object]
) -> None:
    saved = save(goods, stored_draft(place, goods, **changes), alice)
    assert saved.is_hidden
    assert state_of(goods.id) == ListingState.SUBMITTED
    assert find_product(goods.slug) is None
    assert steps_of(Product, [goods.id])[-1].from_state == "approved"


def test_saving_what_was_there_changes_nothing(
    goods: Goods, place: Place, alice: Person
) -> None:
    saved = save(goods, stored_draft(place, goods), alice)
    assert (saved.state, saved.is_hidden) == (ListingState.APPROVED, False)
    versions = select(func.count()).select_from(ProductVersion)
    assert db.session.scalar(versions) == 1


def test_a_sale_while_the_form_was_open_is_not_overwritten(
    goods: Goods, place: Place, alice: Person, charlie: Person
) -> None:
    draft = stored_draft(place, goods)
    with transaction():
        place_order(charlie, goods, quantity=3)
    with pytest.raises(StockMoved) as moved:
        save(goods, with_box(draft, stock=120), alice)
    [box] = moved.value.moved
    assert (box.row, box.shown, box.now) == (0, 100, 97)
    save(goods, with_box(draft, price_fen=3_190), alice)
    row = db.session.get_one(Variant, goods.variant_id)
    assert (row.stock, row.price_fen) == (97, 3_190)


def test_the_same_form_twice_is_saved_once(
    goods: Goods, place: Place, alice: Person
) -> None:
    """Back and save again: no second box, and no quarrel with one's own save."""
    draft = stored_draft(place, goods)
    fresh = with_box(draft, id=None, name="10 斤装", stock_was=None).boxes
    both = replace(draft, boxes=(*draft.boxes, *fresh), story="去年的枣花蜜")

    first = save(goods, both, alice, request_id="once")
    again = save(goods, both, alice, request_id="once")

    assert (again.listing_id, again.state) == (first.listing_id, first.state)
    boxes = select(func.count()).where(Variant.product_id == goods.id)
    assert db.session.scalar(boxes) == 2
    with pytest.raises(ListingEdited):
        save(goods, replace(both, story="今年的"), alice, request_id="once")


def test_two_members_cannot_overwrite_each_other(
    goods: Goods, place: Place, alice: Person
) -> None:
    draft = stored_draft(place, goods)
    save(goods, with_box(draft, price_fen=2_590), alice)
    with pytest.raises(ListingEdited) as refused:
        save(goods, with_box(draft, price_fen=2_690), alice)
    assert alice.name in str(refused.value)


def test_a_box_that_was_in_the_shop_is_taken_off_sale_not_out(
    goods: Goods, place: Place, alice: Person
) -> None:
    draft = stored_draft(place, goods)
    fresh = with_box(draft, id=None, name="10 斤装", stock_was=None).boxes
    with pytest.raises(BoxMissing):
        save(goods, replace(draft, boxes=fresh), alice)
    both = (*with_box(draft, on_sale=False).boxes, *fresh)
    save(goods, replace(draft, boxes=both), alice)
    product = find_product(goods.slug)
    assert product is not None
    assert [box.name for box in product.boxes_on_sale] == ["10 斤装"]


def test_a_box_of_a_draft_can_be_taken_out(place: Place, alice: Person) -> None:
    saved = create(place, alice)
    fresh = with_box(draft_of(place), name="10 斤装").boxes
    with transaction():
        save_listing(
            actor_of(alice),
            saved.listing_id,
            draft_of(place, boxes=fresh, batch=None),
            version=1,
            request_id="save-form",
        )
    names = select(Variant.name).where(Variant.product_id == saved.listing_id)
    assert db.session.scalars(names).all() == ["10 斤装"]


def test_anothers_box_id_adds_a_box_and_leaves_theirs_alone(
    goods: Goods, place: Place, alice: Person, bob: Person, other_place: Place
) -> None:
    saved = create(other_place, bob)
    stolen = with_box(draft_of(other_place), id=goods.variant_id, price_fen=1).boxes
    with transaction():
        save_listing(
            actor_of(bob),
            saved.listing_id,
            draft_of(other_place, boxes=stolen, batch=None),
            version=1,
            request_id="save-form",
        )
    assert db.session.get_one(Variant, goods.variant_id).price_fen == 2_990


def test_a_sold_batch_and_its_origin_are_settled(
    goods: Goods, place: Place, alice: Person, charlie: Person, other_place: Place
) -> None:
    product = find_product(goods.slug)
    assert product is not None
    assert product.batch is not None
    batch_id = product.batch.id
    with transaction():
        place_order(charlie, goods)
    assert is_batch_sold(batch_id)
    again = BatchDraft(batch_id, date(2026, 3, 1), "西坡", {})
    with pytest.raises(BatchFixed):
        save(goods, stored_draft(place, goods, batch=again), alice)
    with transaction():
        other_village = _village_of_same_town(place)
    with pytest.raises(OriginFixed):
        save(goods, stored_draft(place, goods, village_id=other_village), alice)
    newer = replace(again, id=None, deliveries={place.farmer_ids[0]: 5})
    save(goods, stored_draft(place, goods, batch=newer), alice)
    count = select(func.count()).where(HarvestBatch.product_id == goods.id)
    assert db.session.scalar(count) == 2


def _village_of_same_town(place: Place) -> int:
    from models.alliances import Village

    village = Village(town_id=place.town_id, name="邻村", slug=f"lin-{place.town_id}")
    db.session.add(village)
    db.session.flush()
    return village.id


def test_an_unsold_batch_can_be_corrected(
    goods: Goods, place: Place, alice: Person
) -> None:
    product = find_product(goods.slug)
    assert product is not None
    assert product.batch is not None
    corrected = BatchDraft(
        product.batch.id,
        date(2026, 3, 2),
        "西坡",
        {place.farmer_ids[1]: 7_500},
    )
    save(goods, stored_draft(place, goods, batch=corrected), alice)
    trace = find_trace(product.batch.code)
    assert trace is not None
    assert (trace.batch.plot, trace.batch.weight_g) == ("西坡", 7_500)


def test_a_batch_of_another_listing_cannot_be_written(
    goods: Goods, place: Place, alice: Person
) -> None:
    product = find_product(goods.slug)
    assert product is not None
    assert product.batch is not None
    saved = create(place, alice)
    stolen = BatchDraft(product.batch.id, date(2026, 3, 2), "", {})
    with pytest.raises(NotFound), transaction():
        save_listing(
            actor_of(alice),
            saved.listing_id,
            draft_of(place, batch=stolen),
            version=1,
            request_id="save-form",
        )


def test_an_unfinished_listing_is_not_submitted(place: Place, alice: Person) -> None:
    off_sale = with_box(draft_of(place), on_sale=False).boxes
    for saved in (
        create(place, alice, "request-1", story=" "),
        create(place, alice, "request-2", boxes=off_sale),
    ):
        with pytest.raises(ListingUnfinished), transaction():
            submit_listing(actor_of(alice), saved.listing_id)


def test_the_lead_approves_what_was_read(place: Place, alice: Person) -> None:
    saved = create(place, alice)
    with transaction():
        submit_listing(actor_of(alice), saved.listing_id)
    changed = draft_of(place, story="又改了。", boxes=(), batch=None)
    with transaction():
        save_listing(
            actor_of(alice),
            saved.listing_id,
            changed,
            version=1,
            request_id="save-form",
        )
    with pytest.raises(ReviewOutdated), transaction():
        approve_listing(actor_of(alice), saved.listing_id, version=1)


def test_a_listing_is_sent_back_with_a_reason(place: Place, alice: Person) -> None:
    saved = create(place, alice)
    actor = actor_of(alice)
    with transaction():
        submit_listing(actor, saved.listing_id)
    with pytest.raises(ReturnReasonMissing), transaction():
        return_listing(actor, saved.listing_id, reason="")
    with transaction():
        return_listing(actor, saved.listing_id, reason="照片太暗")
    last = steps_of(Product, [saved.listing_id])[-1]
    assert (last.to_state, last.reason, last.by) == (
        "rejected",
        "照片太暗",
        alice.name,
    )
    with transaction():
        submit_listing(actor, saved.listing_id)


def test_a_withdrawn_listing_leaves_the_shop_and_stays_traceable(
    goods: Goods, alice: Person
) -> None:
    product = find_product(goods.slug)
    assert product is not None
    assert product.batch is not None
    with transaction():
        withdraw_listing(actor_of(alice), goods.id)
    assert find_product(goods.slug) is None
    assert products_on_sale(ShopFilter()).total == 0
    assert find_trace(product.batch.code) is not None
    with transaction():
        submit_listing(actor_of(alice), goods.id)
    assert state_of(goods.id) == ListingState.SUBMITTED


def test_states_move_only_along_their_ways(goods: Goods, alice: Person) -> None:
    actor = actor_of(alice)
    with pytest.raises(ListingMoved), transaction():
        approve_listing(actor, goods.id, version=1)
    with pytest.raises(ListingMoved), transaction():
        return_listing(actor, goods.id, reason="不行")


def test_a_batch_of_a_draft_cannot_be_looked_up(place: Place, alice: Person) -> None:
    saved = create(place, alice)
    code = db.session.scalars(
        select(HarvestBatch.code).where(HarvestBatch.product_id == saved.listing_id)
    ).one()
    assert find_trace(code) is None


def test_words_find_names_villages_and_shelves(
    goods: Goods, place: Place, alice: Person
) -> None:
    def found(words: str) -> int:
        return products_on_sale(ShopFilter(words=words)).total

    assert [found(words) for words in ("蜜", "苗山", "蜜薯")] == [1, 1, 1]
    assert [found(words) for words in ("%", "_", "\\", "' OR 1=1 --")] == [0] * 4


def test_shelf_and_village_narrow_the_list(goods: Goods, place: Place) -> None:
    def found(**wanted: object) -> int:
        return products_on_sale(ShopFilter(**wanted)).total  # type: ignore[arg-type]

    assert found(category=Category.SWEETPOTATO) == 1
    assert found(category=Category.MILLET) == 0
    assert found(village="nowhere") == 0


def test_what_is_sold_out_is_shown_only_when_asked_for(goods: Goods) -> None:
    with transaction():
        db.session.execute(update(Variant).values(stock=0))
    assert products_on_sale(ShopFilter()).total == 0
    [card] = products_on_sale(ShopFilter(with_sold_out=True)).items
    assert card.variant_id is None
    assert card.price_fen == 2_990


def test_a_card_sells_the_cheapest_box_that_is_left(
    goods: Goods, place: Place, alice: Person
) -> None:
    draft = stored_draft(place, goods)
    small = with_box(
        draft, id=None, name="3 斤装", weight_g=1_500, price_fen=1_980, stock=1
    ).boxes
    save(goods, replace(draft, boxes=(*draft.boxes, *small)), alice)
    [card] = products_on_sale(ShopFilter()).items
    assert (card.spec, card.price_fen) == ("3 斤装", 1_980)
    with transaction():
        db.session.execute(
            update(Variant).where(Variant.name == "3 斤装").values(stock=0)
        )
    [card] = products_on_sale(ShopFilter()).items
    assert (card.spec, card.variant_id) == ("5 斤装", goods.variant_id)


def test_the_newest_listing_comes_first(place: Place, alice: Person) -> None:
    for number in range(3):
        with clock.at(now() + timedelta(hours=number)):
            saved = create(place, alice, f"request-{number}")
            with transaction():
                submit_listing(actor_of(alice), saved.listing_id)
                approve_listing(actor_of(alice), saved.listing_id, version=1)
    ids = [card.product_id for card in products_on_sale(ShopFilter()).items]
    assert ids == sorted(ids, reverse=True)
    second = products_on_sale(ShopFilter(), 2, per_page=2)
    assert (second.page, second.total, len(second.items)) == (2, 3, 1)
    assert products_on_sale(ShopFilter(), 99, per_page=2).page == 2


def test_members_see_the_listings_of_their_own_alliance(
    goods: Goods, alice: Person, bob: Person
) -> None:
    def found(person: Person, **wanted: object) -> list[int]:
        sought = ListingFilter(**wanted)  # type: ignore[arg-type]
        return [row.id for row in listings_of(actor_of(person), sought, 1).items]

    assert found(alice) == found(alice, words="蜜") == [goods.id]
    assert found(alice, state=ListingState.DRAFT) == found(bob) == []
    assert listings_of(actor_of(alice), ListingFilter(), 1).items[0].stock == 100
    assert count_by_state(actor_of(alice)) == {"approved": 1}
    assert count_by_state(actor_of(bob)) == {}


def test_stock_set_while_boxes_sell_ends_exact(
    app: Flask, goods: Goods, place: Place, alice: Person, charlie: Person
) -> None:
    """Whichever comes first, the other one knows of it."""
    draft = stored_draft(place, goods)
    wanted = with_box(draft, stock=150)
    db.session.rollback()
    outcomes = _at_once(
        app,
        lambda: save(goods, wanted, alice).state,
        lambda: _order(charlie, goods),
    )
    stock = db.session.get_one(Variant, goods.variant_id, populate_existing=True).stock
    assert outcomes["order"] is None
    if outcomes["save"] is None:
        assert stock == 148
    else:
        assert isinstance(outcomes["save"], StockMoved)
        assert stock == 98


def _order(buyer: Person, goods: Goods) -> None:
    with transaction():
        place_order(buyer, goods, quantity=2)


def _at_once(
    app: Flask, save_it: Callable[[], object], order_it: Callable[[], object]
) -> dict[str, DomainError | None]:
    start = Barrier(2)
    outcomes: dict[str, DomainError | None] = {}

    def run(name: str, act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
                outcomes[name] = None
            except Conflict as error:
                outcomes[name] = error

    threads = [
        Thread(target=run, args=("save", save_it)),
        Thread(target=run, args=("order", order_it)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
