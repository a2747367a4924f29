"""Orders: carts, checkout, fulfilment, refunds."""

from services.orders.buyers import (
    Buyer,
    find_visitor_id,
    forget_ended_visits,
    keep_visit,
    start_visit,
)
from services.orders.cancelling import cancel, fail_parcel, release_unaccepted
from services.orders.cart import add_item, merge_carts, remove_item, set_quantity
from services.orders.drafts import (
    CheckoutDraft,
    PlacedOrder,
    RefundDraft,
    RefundDraftLine,
)
from services.orders.fulfilling import (
    accept_cash_order,
    complete,
    confirm_delivery,
    confirm_receipt,
    pack,
    ship,
)
from services.orders.links import exchange_token, send_link_again
from services.orders.offline import confirm_transfer, record_remittance, return_transfer
from services.orders.placing import place_orders
from services.orders.refunding import (
    approve_refund,
    grant_refund,
    reject_refund,
    request_refund,
    settle_manual_refund,
)

__all__ = [
    "Buyer",
    "CheckoutDraft",
    "PlacedOrder",
    "RefundDraft",
    "RefundDraftLine",
    "accept_cash_order",
    "add_item",
    "approve_refund",
    "cancel",
    "complete",
    "confirm_delivery",
    "confirm_receipt",
    "confirm_transfer",
    "exchange_token",
    "fail_parcel",
    "find_visitor_id",
    "forget_ended_visits",
    "grant_refund",
    "keep_visit",
    "merge_carts",
    "pack",
    "place_orders",
    "record_remittance",
    "reject_refund",
    "release_unaccepted",
    "remove_item",
    "request_refund",
    "return_transfer",
    "send_link_again",
    "set_quantity",
    "settle_manual_refund",
    "ship",
    "start_visit",
]
