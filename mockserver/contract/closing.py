"""A copy of a document that refuses keys it does not name, for warnings and for --strict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from mockserver.contract import pointer

_IN_PLACE: Final = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas"})


def close_document(document: Mapping[str, Any], at: str) -> dict[str, Any]:
    """A copy of the document in which every schema of a whole object refuses other keys.

    `at` is the JSON pointer of the schema that will be used.
    """
    # `unevaluatedProperties` knows the keys that the parts of its own schema name, but not those that the
    # schemas around it name: inside a part (an `allOf` branch, a condition) it would refuse the keys of the
    # other parts. So a schema that is referred to as a part stays open, and the one around it is closed.
    copy: dict[str, Any] = orjson.loads(orjson.dumps(document))
    partial = set(_partial_schemas(copy, in_place=False))
    for name, schema in copy.get("components", {}).get("schemas", {}).items():
        if f"#/components/schemas/{name}" not in partial:
            _close(schema)
    if not at.startswith("/components/schemas/"):
        _close(pointer.follow(copy, pointer.parts(at)))
    return copy


def _partial_schemas(node: Any, *, in_place: bool) -> Iterator[str]:
    """Targets that describe only a part of an object, as they apply beside its other schemas."""
    if isinstance(node, dict):
        if in_place and isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for key, value in node.items():
            yield from _partial_schemas(value, in_place=key in _IN_PLACE)
    elif isinstance(node, list):
        for child in node:
            yield from _partial_schemas(child, in_place=in_place)


def _close(schema: Any) -> None:
    if not isinstance(schema, dict) or "x-rule" in schema:
        return
    if "properties" in schema and not schema.keys() & {"additionalProperties", "patternProperties"}:
        schema["unevaluatedProperties"] = False
    for child in schema.get("properties", {}).values():
        _close(child)
    _close(schema.get("items"))
