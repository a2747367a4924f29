"""What anyone may see: the shelves, a product, a batch."""

import unicodedata

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.catalogue.pages import batch_qr, product_parts, trace_steps
from blueprints.nouns import catalogue as bp
from core.access import public
from core.errors import NotFound
from core.i18n import gettext as _
from core.pages.drawings import draw
from core.pages.paging import page_number
from core.web.page_cache import kept_page
from domain.catalogue import UnknownBatchCode, parse_batch_code
from domain.categories import Category, find_category
from queries.catalogue.batches import Trace, find_trace
from queries.catalogue.products import find_product
from queries.catalogue.shop import (
    MOST_LISTED,
    Card,
    ShopFilter,
    newest_on_sale,
    products_on_sale,
    villages_selling,
)
from queries.live import showing

LONGEST_SEARCH = 40
ALSO_SHOWN = 4
LABELS_ON_A_SHEET = 8


@bp.get("/products")
@public
@kept_page
def index() -> ResponseReturnValue:
    """What is on sale, by shelf, village and words."""
    wanted = ShopFilter(
        words=typed_words("q"),
        category=find_category(request.args.get("category", "")),
        village=request.args.get("village", "")[:80].replace("\0", ""),
        with_sold_out=request.args.get("all") == "1",
    )
    page = products_on_sale(wanted, page_number(request.args.get("page")))
    return render_template(
        "catalogue/index.html",
        page=page,
        most=MOST_LISTED,
        wanted=wanted,
        shelves=list(Category),
        villages=villages_selling(),
    )


@bp.get("/products/<slug>")
@public
@kept_page
def show(slug: str) -> ResponseReturnValue:
    """A product with its boxes, its origin, and where its price goes."""
    product = find_product(slug.replace("\0", ""))
    if product is None:
        raise NotFound()
    return render_template(
        "catalogue/show.html",
        on_air=showing.session_showing(product.id),
        explained=showing.find_explanation(product.id),
        also=newest_on_sale(ALSO_SHOWN, without=product.id),
        **product_parts(product, asked_id("variant")),
    )


@bp.get("/batches/<code>")
@public
@kept_page
def trace(code: str) -> ResponseReturnValue:
    """Where a batch comes from; the address on the box's label."""
    canonical = parse_batch_code(code)
    if canonical != code:
        return redirect(url_for("catalogue.trace", code=canonical), 303)
    found = _get_trace(code)
    return render_template(
        "catalogue/trace.html",
        batch=found.batch,
        product=found.product,
        steps=trace_steps(found),
        qr=batch_qr(code),
    )


@bp.get("/batches/<code>/label")
@public
@kept_page
def label(code: str) -> ResponseReturnValue:
    """A sheet of labels for the boxes of a batch, to print and cut."""
    found = _get_trace(parse_batch_code(code))
    return render_template(
        "catalogue/label.html",
        batch=found.batch,
        product=found.product,
        qr=batch_qr(found.batch.code),
        copies=LABELS_ON_A_SHEET,
    )


@bp.app_template_global()
def category_name(value: str) -> str:
    """The name of a shelf in the page's language."""
    return _((find_category(value) or Category.OTHER).label)


@bp.app_template_global()
def draw_card(card: Card, add_to: str = "", level: str = "h3") -> Markup:
    """A product's card; add_to: where its plus posts."""
    return draw("catalogue/_card.html", "card", card, add_to, level)


def typed_words(name: str) -> str:
    """A search as typed: short, composed, without control characters."""
    text = unicodedata.normalize("NFC", request.args.get(name, "")[:LONGEST_SEARCH])
    return "".join(c for c in text if c.isprintable()).strip()


def asked_id(name: str) -> int | None:
    """An id in the address, None when it is none."""
    text = request.args.get(name, "")
    is_id = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if is_id else None


def _get_trace(code: str) -> Trace:
    found = find_trace(code)
    if found is None:
        raise UnknownBatchCode()
    return found
