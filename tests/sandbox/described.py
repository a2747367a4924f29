"""Holds answers and webhook bodies against Stripe's OpenAPI description."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

import sandbox

_FILE = Path(str(sandbox.__file__)).with_name("openapi.json")
_DOCUMENT: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
_REF = "#/components/schemas/"


class CheckedClient(stripe.RequestsClient):
    """The library's own HTTP client; every answer must be as described."""

    def __init__(self) -> None:
        super().__init__()
        self.checked: set[tuple[str, str]] = set()

    def request(self, *arguments: Any, **options: Any) -> Any:
        body, status, headers = super().request(*arguments, **options)
        method, url = arguments[:2]
        self.checked.add(check_answer(method, urlsplit(url).path, status, body))
        return body, status, headers


def check_answer(method: str, path: str, status: int, body: Any) -> tuple[str, str]:
    """Fail unless `body` fits the operation; returns its method and path."""
    described = described_path(path)
    responses = _DOCUMENT["paths"][described][method.lower()]["responses"]
    content = responses["200" if status == 200 else "default"]["content"]
    _validate(json.loads(body), content["application/json"]["schema"])
    return method.lower(), described


def check_event(body: bytes) -> dict[str, Any]:
    """Fail unless `body` is an event about an object as described; returns it."""
    event: dict[str, Any] = json.loads(body)
    _validate(event, {"$ref": f"{_REF}event"})
    about = event["data"]["object"]
    _validate(about, {"$ref": f"{_REF}{about['object']}"})
    return event


def check_object(name: str, value: Any) -> None:
    """Fail unless `value` fits the schema called `name`."""
    _validate(value, {"$ref": f"{_REF}{name}"})


def described_path(path: str) -> str:
    """The description's path, such as `/v1/charges/{charge}`, that matches `path`."""
    exact_first = sorted(_DOCUMENT["paths"], key=lambda known: known.count("{"))
    for known in exact_first:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path):
            return str(known)
    raise AssertionError(f"{path} is not in the description")


def _validate(value: Any, schema: dict[str, Any]) -> None:
    whole = _converted(schema) | {"$defs": _definitions()}
    kind = validator_for(whole, default=Draft202012Validator)
    errors = sorted(kind(whole).iter_errors(value), key=str)
    assert not errors, "\n".join(
        f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for error in errors
    )


@lru_cache
def _definitions() -> dict[str, Any]:
    schemas = _DOCUMENT["components"]["schemas"]
    return {name: _converted(schema) for name, schema in schemas.items()}


def _converted(node: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 to JSON Schema: null by `nullable`, and no unknown property."""
    if "$ref" in node:
        return {"$ref": "#/$defs/" + node["$ref"].removeprefix(_REF)}
    kept = ("type", "enum", "maxLength")
    made: dict[str, Any] = {key: node[key] for key in kept if key in node}
    if "anyOf" in node:
        made["anyOf"] = [_converted(option) for option in node["anyOf"]]
    if "items" in node:
        made["items"] = _converted(node["items"])
    if "properties" in node:
        properties = node["properties"].items()
        made["properties"] = {key: _converted(value) for key, value in properties}
        made["required"] = node.get("required", [])
        made["additionalProperties"] = False
    if isinstance(node.get("additionalProperties"), dict):
        made["additionalProperties"] = _converted(node["additionalProperties"])
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") else made
