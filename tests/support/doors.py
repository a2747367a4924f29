"""Every door of the house: each endpoint and method, with an address that leads in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

SELDOM = {"HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Door:
    """One method of one endpoint; `path` is percent-encoded.

    arguments: the names of the variable parts of its address.
    """

    endpoint: str
    method: str
    path: str
    arguments: frozenset[str]


def doors(app: Flask, values: Mapping[str, object]) -> Iterator[Door]:
    """Every endpoint but static files, with `values` in the variable parts.

    values: by endpoint and argument (`orders.ship:order_id`), else by argument, else
    as `id` or `text`, whichever the argument is.
    """
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if rule.endpoint == "static":
                continue
            path = adapter.build(rule.endpoint, _arguments(rule, values))
            for method in sorted((rule.methods or set()) - SELDOM):
                yield Door(rule.endpoint, method, path, frozenset(rule.arguments))


def _arguments(rule: Rule, values: Mapping[str, object]) -> dict[str, object]:
    found = {}
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        fallback = values["id"] if kind == "IdConverter" else values["text"]
        known = values.get(name, fallback)
        found[name] = values.get(f"{rule.endpoint}:{name}", known)
    return found
