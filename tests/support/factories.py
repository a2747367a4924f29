"""What tests arrange: people, a place to sell from, a product, an order.

Every function writes through the services, inside the transaction its caller opened,
and answers a frozen record of ids.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import count

from sqlalchemy import select

from core.access import HOUSE, Grant, SignedIn
from core.clock import now, today
from core.database import db
from domain.categories import Category
from domain.freight import FreightRule, FreightZone, to_json
from domain.orders.states import PaymentMethod
from domain.roles import Role, ScopeKind
from domain.shares import FeeBearer, SplitRule
from domain.training import CertificateKind
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
from models.training import Certificate
from queries.accounts import current_grants
from services.accounts import passwords, sessions
from services.catalogue.drafts import BatchDraft, BoxDraft, ListingDraft
from services.catalogue.reviewing import approve_listing
from services.catalogue.writing import create_listing
from services.orders.cart import add_item
from services.orders.drafts import CheckoutDraft, PlacedOrder
from services.orders.placing import place_orders

PASSWORD = "a password for tests"
FOUNDED = date(2022, 3, 18)
SPLIT = SplitRule(
    host_bp=800,
    platform_bp=200,
    village_bp=500,
    reserve_bp=500,
    fee_bearer=FeeBearer.PLATFORM,
)
ADDRESS = CheckoutDraft(
    request_id="",
    recipient="王小明",
    phone="13700000001",
    province="山东省",
    city="济南市",
    district="莱芜区",
    street="鹏泉街道 1 号",
    payment_method=PaymentMethod.STRIPE,
)
numbers = count(1)


@dataclass(frozen=True)
class Person:
    """An account; PASSWORD opens it."""

    id: int
    name: str
    phone: str


@dataclass(frozen=True)
class Place:
    """An alliance and its cooperative, with two families in one village."""

    town_id: int
    village_id: int
    alliance_id: int
    cooperative_id: int
    farmer_ids: tuple[int, int]


@dataclass(frozen=True)
class Goods:
    """A product in the shop with one box of 5 斤."""

    id: int
    slug: str
    variant_id: int


def make_person(name: str = "王小明", *grants: Grant) -> Person:
    """Someone with an account and `grants`."""
    phone = f"139{next(numbers):08d}"
    account = Account(
        phone=phone, name=name, password_hash=password_hash(), phone_proven_at=now()
    )
    _keep(account)
    for grant in grants:
        sessions.grant_role(HOUSE, account.id, grant)
    return Person(account.id, name, phone)


def make_place(name: str = "苗山", split: SplitRule = SPLIT) -> Place:
    """A town with its alliance, cooperative, rules, village and families."""
    number = next(numbers)
    town = _keep(Town(name=f"{name}镇{number}"))
    village = _keep(Village(town_id=town, name=f"{name}村", slug=f"village-{number}"))
    alliance = _keep(
        Alliance(
            town_id=town, name=f"{name}联盟", slug=f"a-{number}", founded_on=FOUNDED
        )
    )
    cooperative = _make_cooperative(f"{name}合作社{number}", town, split)
    _keep(
        AllianceCooperative(
            alliance_id=alliance, cooperative_id=cooperative, since=FOUNDED
        )
    )
    first, second = (
        _keep(
            Farmer(
                cooperative_id=cooperative,
                village_id=village,
                name=family,
                joined_on=FOUNDED,
            )
        )
        for family in ("刘家", "陈家")
    )
    return Place(town, village, alliance, cooperative, (first, second))


def make_worker(place: Place, name: str = "王小明") -> Person:
    """Someone who may do everything in `place` and nothing elsewhere."""
    alliance = (ScopeKind.ALLIANCE, place.alliance_id)
    cooperative = (ScopeKind.COOPERATIVE, place.cooperative_id)
    person = make_person(
        name,
        Grant(Role.MEMBER, *alliance),
        Grant(Role.LEAD, *alliance),
        Grant(Role.ACCOUNTANT, *cooperative),
        Grant(Role.CHAIR, *cooperative),
    )
    _keep(
        AllianceMember(
            alliance_id=place.alliance_id, account_id=person.id, joined_on=FOUNDED
        )
    )
    make_certificate(person)
    return person


def make_certificate(
    person: Person, kind: CertificateKind = CertificateKind.LIVE_HOST
) -> int:
    """A certificate of `person` that holds for years; returns its id."""
    return _keep(
        Certificate(
            account_id=person.id,
            kind=kind,
            number=f"C-{next(numbers)}",
            issuer="区人社局",
            valid_from=FOUNDED,
            valid_until=date(2099, 12, 31),
            entered_by=person.id,
        )
    )


def make_goods(
    place: Place,
    worker: Person,
    *,
    name: str = "蜜薯",
    price_fen: int = 2_990,
    stock: int = 100,
) -> Goods:
    """A product of `place` in the shop, written and approved by `worker`."""
    draft = listing(place, name=name, price_fen=price_fen, stock=stock)
    return find_goods(list_goods(place, worker, draft))


def list_goods(place: Place, worker: Person, draft: ListingDraft) -> int:
    """The id of a product that `worker` wrote for `place` and put into the shop."""
    actor = actor_of(worker)
    saved = create_listing(
        actor,
        draft,
        alliance_id=place.alliance_id,
        request_id=f"listing-{next(numbers)}",
        submits=True,
    )
    approve_listing(actor, saved.listing_id, version=1)
    return saved.listing_id


def listing(place: Place, *, name: str, price_fen: int, stock: int) -> ListingDraft:
    """A finished listing with one box of 5 斤 and a batch of two families."""
    first, second = place.farmer_ids
    box = BoxDraft(
        id=None,
        name="5 斤装",
        weight_g=2_500,
        price_fen=price_fen,
        stock=stock,
        stock_was=None,
        on_sale=True,
    )
    batch = BatchDraft(
        id=None,
        harvested_on=today(),
        plot="东坡地",
        deliveries={first: 300_000, second: 200_000},
    )
    return ListingDraft(
        name=name,
        category=Category.SWEETPOTATO,
        story="山坡上长的，个头匀，口感面。",
        village_id=place.village_id,
        cooperative_id=place.cooperative_id,
        boxes=(box,),
        batch=batch,
        photos=(),
    )


def stored_draft(place: Place, goods: Goods, **changes: object) -> ListingDraft:
    """What an untouched form of `goods` would send back, but for `changes`."""
    box = db.session.get_one(Variant, goods.variant_id)
    draft = listing(place, name="蜜薯", price_fen=box.price_fen, stock=box.stock)
    kept = replace(draft.boxes[0], id=box.id, stock_was=box.stock)
    return replace(draft, **{"boxes": (kept,), "batch": None, **changes})  # type: ignore[arg-type]


def with_box(draft: ListingDraft, **changes: object) -> ListingDraft:
    """The draft with its first box changed, and no other."""
    return replace(draft, boxes=(replace(draft.boxes[0], **changes),))  # type: ignore[arg-type]


def place_order(
    buyer: Person,
    goods: Goods,
    *,
    quantity: int = 1,
    method: PaymentMethod = PaymentMethod.STRIPE,
) -> PlacedOrder:
    """An order of `buyer`, placed and not yet paid."""
    shopper = actor_of(buyer)
    add_item(shopper, variant_id=goods.variant_id, quantity=quantity)
    request_id = f"checkout-{next(numbers)}"
    draft = replace(ADDRESS, request_id=request_id, payment_method=method)
    [order] = place_orders(shopper, draft)
    return order


def actor_of(person: Person) -> SignedIn:
    """The person as services see them, with their rights of now."""
    return SignedIn(
        account_id=person.id,
        name=person.name,
        phone=person.phone,
        session_token="",
        confirmed_at=now(),
        grants=current_grants(person.id),
    )


def find_goods(product_id: int) -> Goods:
    """A product as tests name it."""
    product = db.session.get_one(Product, product_id)
    boxes = select(Variant.id).where(Variant.product_id == product_id)
    return Goods(product.id, product.slug, db.session.scalars(boxes).one())


@cache
def password_hash() -> str:
    """The hash of PASSWORD."""
    return passwords.hash_password(PASSWORD)


def _make_cooperative(name: str, town_id: int, split: SplitRule) -> int:
    cooperative = _keep(
        Cooperative(
            town_id=town_id,
            name=name,
            slug=f"coop-{next(numbers)}",
            founded_on=FOUNDED,
            phone="053176000000",
            bank_name="莱芜农商行",
            bank_account="9000 0317",
        )
    )
    _keep(
        SplitPolicy(
            cooperative_id=cooperative,
            version=1,
            valid_from=FOUNDED,
            host_bp=split.host_bp,
            platform_bp=split.platform_bp,
            village_bp=split.village_bp,
            reserve_bp=split.reserve_bp,
            fee_bearer=split.fee_bearer,
            approved_at=now(),
        )
    )
    _keep(
        FreightPolicy(
            cooperative_id=cooperative, version=1, valid_from=FOUNDED, table=_freight()
        )
    )
    return cooperative


def _freight() -> dict[str, object]:
    zone = FreightZone(
        provinces=(), first_weight_g=3_000, first_fen=600, step_g=1_000, step_fen=100
    )
    rule = FreightRule(zones=(), default_zone=zone, version=1, excluded=("台湾省",))
    return to_json(rule)


def _keep(record: object) -> int:
    db.session.add(record)
    db.session.flush()
    return int(record.id)  # type: ignore[attr-defined]
