"""Form parameters: decoded, then checked and typed by Stripe's description."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.description import Schema
from sandbox.errors import InvalidParameter, missing_parameter

_KEY_PARTS = re.compile(r"[^\[\]]+")
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_METADATA_KEYS, _METADATA_KEY_LENGTH, _METADATA_VALUE_LENGTH = 50, 40, 500


def decode_form(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nest `a[b][0]=x` pairs into dictionaries; lists keep their index as key.

    Source: https://docs.stripe.com/api (deepObject form encoding).
    """
    nested: dict[str, Any] = {}
    for key, value in pairs:
        parts = _KEY_PARTS.findall(key) or [key]
        if key.endswith("[]"):
            parts.append(str(len(_branch(nested, parts))))
        _branch(nested, parts[:-1])[parts[-1]] = value
    return nested


def check(value: Any, schema: Schema, param: str = "") -> Any:
    """Return `value` typed as `schema` says.

    value: strings and dictionaries from `decode_form`.
    param: its name in bracket notation; empty for the whole request.
    Raises InvalidParameter in Stripe's words.
    """
    if "anyOf" in schema:
        return _check_alternatives(value, schema["anyOf"], param)
    kind = schema.get("type")
    if kind == "object":
        return _check_object(value, schema, param)
    if kind == "array":
        return _check_array(value, schema, param)
    if not isinstance(value, str):
        raise InvalidParameter(f"Invalid {kind}", param=param)
    return _check_scalar(value, schema, param)


def _branch(nested: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    for part in parts:
        child = nested.setdefault(part, {})
        if not isinstance(child, dict):
            raise InvalidParameter("Invalid object", param=part)
        nested = child
    return nested


def _check_alternatives(value: Any, options: list[Schema], param: str) -> Any:
    failure: InvalidParameter | None = None
    for option in options:
        try:
            return check(value, option, param)
        except InvalidParameter as error:
            failure = failure or error
    raise failure or InvalidParameter("Invalid value", param=param)


def _check_object(value: Any, schema: Schema, param: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidParameter("Invalid object", param=param)
    if isinstance(schema.get("additionalProperties"), dict):
        return _check_map(value, schema, param)
    known = schema.get("properties", {})
    unknown = [_inside(param, key) for key in value if key not in known]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(unknown)}"
        raise InvalidParameter(message, param=unknown[0], code="parameter_unknown")
    for key in schema.get("required", []):
        if key not in value:
            raise missing_parameter(_inside(param, key))
    return {key: check(v, known[key], _inside(param, key)) for key, v in value.items()}


def _check_map(value: dict[str, Any], schema: Schema, param: str) -> dict[str, Any]:
    if len(value) > _METADATA_KEYS:
        raise InvalidParameter("Metadata can have at most 50 keys.", param=param)
    for key, text in value.items():
        if len(key) > _METADATA_KEY_LENGTH:
            message = f"Metadata keys can be at most 40 characters: {key[:50]}"
            raise InvalidParameter(message, param=param)
        if isinstance(text, str) and len(text) > _METADATA_VALUE_LENGTH:
            message = "Metadata values can be at most 500 characters."
            raise InvalidParameter(message, param=_inside(param, key))
    items = schema["additionalProperties"]
    # An empty value unsets a key, so a new object never holds one.
    kept = {key: text for key, text in value.items() if text != ""}
    return {key: check(v, items, _inside(param, key)) for key, v in kept.items()}


def _check_array(value: Any, schema: Schema, param: str) -> list[Any]:
    if not isinstance(value, dict) or not all(_INTEGER.fullmatch(k) for k in value):
        raise InvalidParameter("Invalid array", param=param)
    items = [value[key] for key in sorted(value, key=int)]
    return [
        check(item, schema["items"], f"{param}[{index}]")
        for index, item in enumerate(items)
    ]


def _check_scalar(value: str, schema: Schema, param: str) -> Any:
    kind = schema.get("type")
    if kind == "integer":
        return _to_integer(value, param)
    if kind == "boolean":
        return _to_boolean(value, param)
    if kind == "number":
        return _to_number(value, param)
    _check_text(value, schema, param)
    return value


def _to_integer(value: str, param: str) -> int:
    if not _INTEGER.fullmatch(value):
        message = f"Invalid integer: {value}"
        raise InvalidParameter(message, param=param, code="parameter_invalid_integer")
    return int(value)


def _to_boolean(value: str, param: str) -> bool:
    if value not in ("true", "false"):
        raise InvalidParameter(f"Invalid boolean: {value}", param=param)
    return value == "true"


def _to_number(value: str, param: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InvalidParameter(f"Invalid decimal: {value}", param=param) from None


def _check_text(value: str, schema: Schema, param: str) -> None:
    options = schema.get("enum")
    if options is not None and value not in options:
        names = ", ".join(option or "''" for option in options)
        raise InvalidParameter(f"Invalid {param}: must be one of {names}", param=param)
    if options is None and value == "":
        message = (
            f"You passed an empty string for '{param}'. We assume empty values are an "
            f"attempt to unset a parameter; however '{param}' cannot be unset. You "
            f"should remove '{param}' from your request or supply a non-empty value."
        )
        raise InvalidParameter(message, param=param, code="parameter_invalid_empty")
    limit = schema.get("maxLength")
    if limit is not None and len(value) > limit:
        message = f"Invalid string: {value[:20]}...; must be at most {limit} characters"
        raise InvalidParameter(message, param=param)


def _inside(param: str, key: str) -> str:
    return f"{param}[{key}]" if param else key
