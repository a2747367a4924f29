"""Objects as they are, and lists: newest first, filtered, paged by ids."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from sandbox.account import Call
from sandbox.description import StripeObject
from sandbox.errors import InvalidParameter, no_such

_DEFAULT_LIMIT, _MAX_LIMIT = 10, 100
PAGING = frozenset({"created", "ending_before", "limit", "starting_after"})


def lister(kind: str, *filters: str) -> Callable[[Call], StripeObject]:
    """An operation that lists objects of `kind`, filtered by equality on `filters`."""

    def list_objects(call: Call) -> StripeObject:
        wanted = {key: call.params[key] for key in filters if key in call.params}
        found = [
            candidate
            for candidate in reversed(call.account.objects[kind].values())
            if all(candidate.get(key) == value for key, value in wanted.items())
            and _is_created_within(candidate, call.params.get("created"))
        ]
        return _page(kind, found, call)

    return list_objects


def retriever(kind: str, param: str) -> Callable[[Call], StripeObject]:
    """An operation that answers with the object of `kind` that the URL names."""
    return lambda call: call.account.get(kind, call.target, param=param)


def list_events(call: Call) -> StripeObject:
    """`GET /v1/events` by `type` (with `*`), `types` and `delivery_success`."""
    found = [
        event
        for event in reversed(call.account.objects["event"].values())
        if _is_wanted_event(event, call.params)
        and _is_created_within(event, call.params.get("created"))
    ]
    return _page("event", found, call)


def as_list(objects: list[StripeObject], url: str) -> StripeObject:
    """A complete list object, as embedded in others."""
    return {"object": "list", "data": objects, "has_more": False, "url": url}


def _page(kind: str, found: list[StripeObject], call: Call) -> StripeObject:
    params = call.params
    limit = _checked_limit(params.get("limit", _DEFAULT_LIMIT))
    if "ending_before" in params:
        # The page right before an object: walk backwards from it, then turn round.
        end = _position(kind, found, params["ending_before"], "ending_before")
        before = found[max(0, end - limit) : end]
        return as_list(before, call.path) | {"has_more": end > limit}
    start = 0
    if "starting_after" in params:
        last = params["starting_after"]
        start = _position(kind, found, last, "starting_after") + 1
    page = list(islice(found, start, start + limit))
    return as_list(page, call.path) | {"has_more": len(found) > start + limit}


def _checked_limit(limit: int) -> int:
    if not 1 <= limit <= _MAX_LIMIT:
        bound = "less than or equal to 100" if limit > 1 else "1 or more"
        message = f"This value must be {bound}."
        code = "parameter_invalid_integer"
        raise InvalidParameter(message, param="limit", code=code)
    return limit


def _position(kind: str, found: list[StripeObject], object_id: str, param: str) -> int:
    for place, candidate in enumerate(found):
        if candidate["id"] == object_id:
            return place
    raise no_such(kind, object_id, param=param)


def _is_created_within(candidate: StripeObject, created: Any) -> bool:
    """created: exact Unix seconds, or bounds by `gt`, `gte`, `lt`, `lte`; or None."""
    if created is None:
        return True
    at = candidate["created"]
    if isinstance(created, int):
        return bool(at == created)
    holds = {
        "gt": at > created.get("gt", at - 1),
        "gte": at >= created.get("gte", at),
        "lt": at < created.get("lt", at + 1),
        "lte": at <= created.get("lte", at),
    }
    return all(holds.values())


def _is_wanted_event(event: StripeObject, params: dict[str, Any]) -> bool:
    if "type" in params and not fnmatchcase(event["type"], params["type"]):
        return False
    if "types" in params and event["type"] not in params["types"]:
        return False
    delivered = event["pending_webhooks"] == 0
    return bool(params.get("delivery_success", delivered) == delivered)
