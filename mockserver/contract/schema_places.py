"""The schema of a place in a body: a pointer followed through references, objects, lists and branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve
from mockserver.contract.unchecked import list_in, object_in

_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_DEEPEST: Final = 8


def schema_at(document: Mapping[str, Any], schema: Any, path: Sequence[str]) -> Any:
    """The schema at a path of a body that is judged by `schema`, or ABSENT where none names the place.

    A number, or `*`, is any item of a list. References lead into the bundled `document`.
    """
    node = resolve(document, schema)
    for name in path:
        node = _below(document, node, name, _DEEPEST)
        if node is ABSENT:
            return ABSENT
    return node


def schema_in_part(document: Mapping[str, Any], part: Any, path: Sequence[str]) -> Any:
    """As `schema_at`, where `part` may be the schema of what stands at the first steps of the path."""
    schemas = (schema_at(document, part, path[start:]) for start in range(len(path)))
    return next((schema for schema in schemas if schema is not ABSENT), ABSENT)


def schema_with(document: Mapping[str, Any], schema: Any, path: Sequence[str]) -> dict[str, Any]:
    """The schema of the object that has the last step of a path as a property: of several branches the first
    that has it. Empty where none has."""
    *above, name = path
    node = schema_at(document, schema, above)
    return {} if node is ABSENT else _with_property(document, node, name, _DEEPEST)


def _with_property(document: Mapping[str, Any], node: Any, name: str, depth: int) -> dict[str, Any]:
    schema = object_in(resolve(document, node))
    if name in object_in(schema.get("properties")):
        return schema
    if not depth:
        return {}
    branches = [branch for keyword in _BRANCHES for branch in list_in(schema.get(keyword))]
    holders = (_with_property(document, branch, name, depth - 1) for branch in branches)
    return next(filter(None, holders), {})


def _below(document: Mapping[str, Any], node: Any, name: str, depth: int) -> Any:
    schema = object_in(resolve(document, node))
    properties = object_in(schema.get("properties"))
    if name in properties:
        return resolve(document, properties[name])
    if (name.isdecimal() or name == "*") and isinstance(schema.get("items"), dict):
        return resolve(document, schema["items"])
    if not depth:
        return ABSENT
    branches = [branch for keyword in _BRANCHES for branch in list_in(schema.get(keyword))]
    below = (_below(document, branch, name, depth - 1) for branch in branches)
    return next((node for node in below if node is not ABSENT), ABSENT)
