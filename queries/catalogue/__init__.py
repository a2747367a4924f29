"""What the shop shows, and what an alliance sees of its own listings."""

from queries.catalogue.batches import (
    Batch,
    find_batch,
    find_trace,
    is_batch_sold,
    is_product_ordered,
)
from queries.catalogue.listings import (
    ListingFilter,
    count_by_state,
    listing_choices,
    listings_of,
)
from queries.catalogue.past import changes_of, prices_of
from queries.catalogue.products import (
    ProductView,
    find_product,
    get_listing,
)
from queries.catalogue.shop import (
    MOST_LISTED,
    Card,
    ShopFilter,
    newest_batch_on_sale,
    products_on_sale,
    villages_selling,
)

__all__ = [
    "MOST_LISTED",
    "Batch",
    "Card",
    "ListingFilter",
    "ProductView",
    "ShopFilter",
    "changes_of",
    "count_by_state",
    "find_batch",
    "find_product",
    "find_trace",
    "get_listing",
    "is_batch_sold",
    "is_product_ordered",
    "listing_choices",
    "listings_of",
    "newest_batch_on_sale",
    "prices_of",
    "products_on_sale",
    "villages_selling",
]
