"""Stripe's OpenAPI description: the authority on names, shapes and types."""

import copy
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
StripeObject = dict[str, Any]

_DOCUMENT: Schema = json.loads(
    Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
)
_SCHEMAS: dict[str, Schema] = _DOCUMENT["components"]["schemas"]

VERSION: str = _DOCUMENT["info"]["version"]

# Nullable in the description, yet Stripe leaves them out until they are expanded.
_ONLY_WHEN_EXPANDED = {("charge", "refunds")}


def schema_of(name: str) -> Schema:
    """The schema called `name`, such as `checkout.session`; KeyError if unknown."""
    return _SCHEMAS[name]


@lru_cache
def request_schema(method: str, path: str) -> Schema:
    """One object schema for all parameters of an operation, path ids left out.

    method: lower case; path: as in the description, such as `/v1/charges/{charge}`.
    """
    operation = _DOCUMENT["paths"][path][method]
    if method == "post":
        content = operation["requestBody"]["content"]
        return dict(content["application/x-www-form-urlencoded"]["schema"])
    query = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    return {
        "type": "object",
        "properties": {p["name"]: p["schema"] for p in query},
        "required": [p["name"] for p in query if p.get("required")],
    }


def skeleton(name: str) -> StripeObject:
    """The smallest object valid for schema `name`, nullable properties as null."""
    built: StripeObject = copy.deepcopy(_skeleton(name))
    return built


def may_expand(name: str, key: str) -> bool:
    """Whether property `key` of schema `name` is an id that can become an object."""
    options = _SCHEMAS[name].get("properties", {}).get(key, {}).get("anyOf", [])
    has_id = any(option.get("type") == "string" for option in options)
    return has_id and any("$ref" in option for option in options)


@lru_cache
def _skeleton(name: str) -> Any:
    schema = _SCHEMAS[name]
    required = set(schema.get("required", []))
    return {
        key: None if node.get("nullable") else _smallest(node)
        for key, node in schema.get("properties", {}).items()
        if (key in required or node.get("nullable"))
        and (name, key) not in _ONLY_WHEN_EXPANDED
    }


def _smallest(node: Schema) -> Any:
    if "$ref" in node:
        return _skeleton(node["$ref"].rsplit("/", 1)[-1])
    if "enum" in node:
        return node["enum"][0]
    if "anyOf" in node:
        return _smallest(node["anyOf"][0])
    empty = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}
    return empty.get(node.get("type", ""), {})
