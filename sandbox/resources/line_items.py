"""What a Checkout Session sells: line items made from inline prices."""

from typing import Any

from sandbox import description
from sandbox.account import Account, new_id
from sandbox.description import StripeObject
from sandbox.errors import (
    InvalidParameter,
    missing_parameter,
    no_such,
    not_implemented,
)
from sandbox.resources.payment_intents import check_currency

MAX_LINES = 100
_IMPLEMENTED = {"metadata", "price_data", "quantity"}
_IMPLEMENTED_PRICE = {"currency", "product_data", "tax_behavior", "unit_amount"}


def build_line_items(
    account: Account, given: list[dict[str, Any]] | None
) -> list[StripeObject]:
    """Items with their prices; at least one, at most MAX_LINES, one currency."""
    if not given:
        raise missing_parameter("line_items")
    if len(given) > MAX_LINES:
        message = "You can only provide up to 100 line items."
        raise InvalidParameter(message, param="line_items")
    items = [
        _item(account, line, f"line_items[{index}]") for index, line in enumerate(given)
    ]
    if len({item["currency"] for item in items}) > 1:
        message = "All line items must have the same currency."
        raise InvalidParameter(message, param="line_items")
    return items


def _item(account: Account, line: dict[str, Any], param: str) -> StripeObject:
    if "price" in line:
        raise no_such("price", line["price"], param=f"{param}[price]")
    if "price_data" not in line:
        raise missing_parameter(f"{param}[price_data]")
    _refuse_others(line, _IMPLEMENTED, param)
    quantity = line.get("quantity")
    if quantity is None or quantity < 1:
        message = "Quantity is required and must be 1 or more."
        raise InvalidParameter(message, param=f"{param}[quantity]")
    price = _price(account, line["price_data"], f"{param}[price_data]")
    total = price["unit_amount"] * quantity
    return description.skeleton("item") | {
        "id": new_id("li"),
        "object": "item",
        "amount_subtotal": total,
        "amount_total": total,
        "currency": price["currency"],
        "description": line["price_data"]["product_data"]["name"],
        "metadata": line.get("metadata", {}),
        "price": price,
        "quantity": quantity,
    }


def _price(account: Account, given: dict[str, Any], param: str) -> StripeObject:
    _refuse_others(given, _IMPLEMENTED_PRICE, param)
    for key in ("product_data", "unit_amount"):
        if key not in given:
            raise missing_parameter(f"{param}[{key}]")
    amount = given["unit_amount"]
    if amount < 0:
        message = "This value must be greater than or equal to 0."
        raise InvalidParameter(message, param=f"{param}[unit_amount]")
    return description.skeleton("price") | {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": account.now(),
        "currency": check_currency(given["currency"]),
        "metadata": {},
        "product": new_id("prod"),
        "tax_behavior": given.get("tax_behavior", "unspecified"),
        "type": "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def _refuse_others(given: dict[str, Any], known: set[str], param: str) -> None:
    for key in given:
        if key not in known:
            raise not_implemented(f"{param}[{key}]")
