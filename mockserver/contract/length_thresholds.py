"""Which texts in a body no schema can tell apart: those that it asks for nothing but their length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_LOOSE: Final = frozenset({
    "type", "minLength", "maxLength", "title", "description", "default", "examples",
    "x-provenance", "x-expected",
})  # fmt: skip
"""All that a schema may say of a text without looking into it."""
_REACHING: Final = frozenset({
    "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames", "$dynamicRef",
})  # fmt: skip
"""Keywords by which a schema reaches properties that it does not name."""


def turns(document: Mapping[str, Any], name: str) -> frozenset[float] | None:
    """The lengths from which on some schema of a bundled document may think otherwise of a text that is
    the property `name` of an object.

    None where a schema may look at more than the length, or that cannot be told.
    """
    found: set[float] = set()
    for node in _nodes([document.get("components", {}).get("schemas"), document.get("paths")]):
        if _compares(node) or any(isinstance(node.get(key), dict) for key in _REACHING):
            return None
        named = node.get("properties")
        schema = named.get(name, {}) if isinstance(named, dict) else {}
        if not isinstance(schema, dict) or schema.keys() - _LOOSE:
            return None
        if "minLength" in schema:
            found.add(schema["minLength"])
        if "maxLength" in schema:
            found.add(schema["maxLength"] + 1)
    return frozenset(found)


def _compares(node: Mapping[str, Any]) -> bool:
    """Whether a schema compares whole objects, and so the texts in them."""
    choices = node.get("enum")
    values = [node.get("const"), *(choices if isinstance(choices, list) else ())]
    return any(isinstance(value, dict | list) for value in values)


def _nodes(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(node, dict):
        yield node
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _nodes(child)
