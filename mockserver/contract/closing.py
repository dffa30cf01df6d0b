"""A contract closed against keys it does not name, for warnings and for --strict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from mockserver.contract import pointer

_IN_PLACE: Final = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas"})


def closed(document: Mapping[str, Any], at: str) -> dict[str, Any]:
    """A copy of the document in which every schema of a whole object refuses other keys."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(document))
    parts = set(_partial(copy, in_place=False))
    for name, schema in copy.get("components", {}).get("schemas", {}).items():
        if f"#/components/schemas/{name}" not in parts:
            _close(schema)
    if not at.startswith("/components/schemas/"):
        _close(pointer.follow(copy, pointer.parts(at)))
    return copy


def _partial(node: Any, *, in_place: bool) -> Iterator[str]:
    """Targets that describe only a part of an object, as they apply beside its other schemas."""
    if isinstance(node, dict):
        if in_place and isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for key, value in node.items():
            yield from _partial(value, in_place=key in _IN_PLACE)
    elif isinstance(node, list):
        for item in node:
            yield from _partial(item, in_place=in_place)


def _close(schema: Any) -> None:
    if not isinstance(schema, dict) or "x-rule" in schema:
        return
    if "properties" in schema and not schema.keys() & {"additionalProperties", "patternProperties"}:
        schema["unevaluatedProperties"] = False
    for child in schema.get("properties", {}).values():
        _close(child)
    _close(schema.get("items"))
