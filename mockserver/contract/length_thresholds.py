"""At which lengths of a text the verdict of a contract's schemas can change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.contract.unchecked import list_in, object_in

_LENGTH_ONLY: Final = frozenset({
    "type", "minLength", "maxLength", "title", "description", "default", "examples",
    "x-provenance", "x-expected", "x-says", "x-without-effect",
})  # fmt: skip
"""Keywords by which a schema looks at nothing of a text but its length."""
_UNNAMED_PROPERTIES: Final = frozenset({
    "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames", "$dynamicRef",
})  # fmt: skip
"""Keywords by which a schema reaches properties that it does not name."""


def length_thresholds(document: Mapping[str, Any], name: str) -> frozenset[float] | None:
    """Text lengths at which a schema's verdict on the property `name` can change (its length limits).

    None where a schema may look at more of the text than its length, or where that cannot be decided.
    """
    # Two prompts between the same two thresholds get the same verdict from every schema, so one explanation
    # serves both. It is not worth finding out which schema applies to which object: all schemas of the
    # document count, and a single one that could look into the text makes the answer None.
    thresholds: set[float] = set()
    for node in _objects([document.get("components", {}).get("schemas"), document.get("paths")]):
        if _compares_objects(node) or any(isinstance(node.get(key), dict) for key in _UNNAMED_PROPERTIES):
            return None
        schema = object_in(node.get("properties")).get(name, {})
        if not isinstance(schema, dict) or schema.keys() - _LENGTH_ONLY:
            return None
        if "minLength" in schema:
            thresholds.add(schema["minLength"])
        if "maxLength" in schema:
            thresholds.add(schema["maxLength"] + 1)
    return frozenset(thresholds)


def _compares_objects(node: Mapping[str, Any]) -> bool:
    """Whether a schema compares whole objects, and so the texts in them."""
    values = [node.get("const"), *list_in(node.get("enum"))]
    return any(isinstance(value, dict | list) for value in values)


def _objects(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from _objects(child)
