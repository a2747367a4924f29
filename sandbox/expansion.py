"""Expansion: ids in an answer replaced by the objects they name."""

import copy
from typing import Any

from sandbox import description
from sandbox.account import Account
from sandbox.description import StripeObject
from sandbox.errors import InvalidParameter
from sandbox.listing import as_list

_MAX_DEPTH = 4


def expand(account: Account, answer: StripeObject, paths: list[str]) -> StripeObject:
    """A copy of `answer` with every path, such as `data.latest_charge`, expanded.

    Raises InvalidParameter for a property that cannot be expanded.
    Source: https://docs.stripe.com/api/expanding_objects
    """
    expanded = copy.deepcopy(answer)
    for path in paths:
        keys = path.split(".")
        if len(keys) > _MAX_DEPTH:
            message = f"You cannot expand more than 4 levels of a property: {path}"
            raise InvalidParameter(message, param="expand")
        _expand_in(account, expanded, keys, path)
    return expanded


def _expand_in(account: Account, holder: Any, keys: list[str], path: str) -> None:
    if not keys or holder is None:
        return
    key, rest = keys[0], keys[1:]
    if holder.get("object") == "list" and key == "data":
        for item in holder["data"]:
            _expand_in(account, item, rest, path)
        return
    value = _open(account, holder, key, path)
    if isinstance(value, dict):
        holder[key] = value
        _expand_in(account, value, rest, path)


def _open(account: Account, holder: StripeObject, key: str, path: str) -> Any:
    """The object behind `holder[key]`; None when there is nothing to expand."""
    kind = holder.get("object", "")
    if (kind, key) == ("checkout.session", "line_items"):
        items = account.hidden[holder["id"]]["line_items"]
        url = f"/v1/checkout/sessions/{holder['id']}/line_items"
        return as_list(copy.deepcopy(items), url)
    if (kind, key) == ("charge", "refunds"):
        return _refunds_of(account, holder["id"])
    value = holder.get(key)
    if isinstance(value, dict):
        return value
    if kind in ("", "list") or not description.may_expand(kind, key):
        message = f"This property cannot be expanded ({path})."
        raise InvalidParameter(message, param="expand")
    return copy.deepcopy(account.find_any(value)) if value else None


def _refunds_of(account: Account, charge_id: str) -> StripeObject:
    refunds = [
        copy.deepcopy(refund)
        for refund in reversed(account.objects["refund"].values())
        if refund["charge"] == charge_id
    ]
    return as_list(refunds, f"/v1/charges/{charge_id}/refunds")
