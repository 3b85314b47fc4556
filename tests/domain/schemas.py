"""A small reader of JSON Schema, for the keywords that docs/schemas uses; another keyword is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from config import ROOT

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value == int(value),
}
_WORDS = {"$schema", "$defs", "title", "description", "default"}


def faults(name: str, value: Any) -> list[str]:
    """Where a value breaks docs/schemas/<name>.schema.json."""
    schema = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text())
    return list(_faults(schema, value, schema, "$"))


def _faults(schema: dict[str, Any], value: Any, root: dict[str, Any], where: str) -> Iterator[str]:
    for word, told in schema.items():
        if word in _WORDS:
            continue
        if word == "$ref":
            yield from _faults(root["$defs"][told.rsplit("/", 1)[1]], value, root, where)
        elif word == "anyOf":
            if all(list(_faults(one, value, root, where)) for one in told):
                yield f"{where}: anyOf"
        elif word in ("properties", "additionalProperties", "propertyNames", "items", "prefixItems"):
            yield from _inner_faults(word, schema, value, root, where)
        elif not _CHECKS[word](value, told):
            yield f"{where}: {word}"


def _inner_faults(word: str, schema: dict[str, Any], value: Any, root: dict[str, Any], where: str) -> Iterator[str]:
    if word in ("items", "prefixItems") and isinstance(value, list):
        parts = schema[word] if word == "prefixItems" else [schema[word]] * len(value)
        for place, (part, inner) in enumerate(zip(parts, value, strict=False)):
            yield from _faults(part, inner, root, f"{where}[{place}]")
    if word in ("items", "prefixItems") or not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    for key, inner in value.items():
        if word == "propertyNames":
            yield from _faults(schema[word], key, root, f"{where}.{key}")
        elif word == "properties" and key in known:
            yield from _faults(known[key], inner, root, f"{where}.{key}")
        elif word == "additionalProperties" and key not in known:
            if schema[word] is False:
                yield f"{where}.{key}: unknown"
            else:
                yield from _faults(schema[word], inner, root, f"{where}.{key}")


def _is_of(value: Any, told: str | list[str]) -> bool:
    return any(_TYPES[name](value) for name in ([told] if isinstance(told, str) else told))


def _is_number(value: Any) -> bool:
    return _TYPES["number"](value)


_CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "type": _is_of,
    "enum": lambda value, told: any(value == one and type(value) is type(one) for one in told),
    "const": lambda value, told: value == told,
    "required": lambda value, told: not isinstance(value, dict) or all(key in value for key in told),
    "pattern": lambda value, told: not isinstance(value, str) or re.search(told, value) is not None,
    "minimum": lambda value, told: not _is_number(value) or value >= told,
    "maximum": lambda value, told: not _is_number(value) or value <= told,
    "exclusiveMinimum": lambda value, told: not _is_number(value) or value > told,
    "minItems": lambda value, told: not isinstance(value, list) or len(value) >= told,
    "maxItems": lambda value, told: not isinstance(value, list) or len(value) <= told,
}
