"""Walks a body along its schema: which fields the contract names, and which schema each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract import nodes, pointer
from mockserver.contract.model import Operation
from mockserver.contract.nodes import NodePlace
from mockserver.contract.source import DOCUMENT, Source

ANY: Final = "*"
"""Stands for every index in a pointer."""
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_BRANCHES: Final = ("then", "else")
_OPEN: Final = ("patternProperties", "additionalProperties")


class WalkedField(NamedTuple):
    """One field of a body: `at` is its pointer with `*` for indices, `name` its key in `owner`, the schema
    of the object around it; `known` whether a schema names it, `value` ABSENT if the body lacks it."""

    at: str
    name: str
    owner: NodePlace
    known: bool
    value: Any


def answer_place(files: Source, operation: Operation, status: int) -> NodePlace | None:
    """The response with that status: the operation's own, or the one for all operations, or None."""
    own = NodePlace(DOCUMENT, "").child(
        "paths", operation.path, operation.method.lower(), "responses", status
    )
    if nodes.follow(files, own) is not pointer.ABSENT:
        return nodes.resolve(files, own)
    for when, answer in files.files[DOCUMENT]["x-job"].get("answers", {}).items():
        if answer["status"] == status:
            return nodes.resolve(files, NodePlace(DOCUMENT, "").child("x-job", "answers", when, "response"))
    return None


def schema_place(response: NodePlace) -> NodePlace:
    """The place of a response's schema for a JSON body."""
    return response.child("content", "application/json", "schema")


def bundled(place: NodePlace) -> str:
    """A place as a pointer into the bundled document."""
    if not place.file.startswith("schemas/"):
        return place.pointer
    name = place.file.removeprefix("schemas/").removesuffix(".json")
    return pointer.write(("components", "schemas", name)) + place.pointer


def fields(files: Source, place: NodePlace, body: Any) -> Iterator[WalkedField]:
    """Every field of `body`, and every field that the contract names beside them."""
    # Several schemas describe one value: references, allOf, branches of conditions. The walk carries all of
    # them, because a field is documented if any of them names it.
    yield from _fields(files, tuple(_describing(files, place)), body, "")


def _fields(files: Source, places: Sequence[NodePlace], value: Any, at: str) -> Iterator[WalkedField]:
    if isinstance(value, list):
        inner = [schema for place in places for schema in _describing(files, place.child("items"))]
        for element in value:
            yield from _fields(files, inner, element, f"{at}/{ANY}")
    elif isinstance(value, dict):
        yield from _object_fields(files, places, value, at)


def _object_fields(
    files: Source, places: Sequence[NodePlace], value: dict[str, Any], at: str
) -> Iterator[WalkedField]:
    named = _named(files, places)
    owner = _owner(files, places)
    is_open = any(_is_open(files, place) for place in places)
    for name in [*value, *(name for name in named if name not in value)]:
        here = at + pointer.write((name,))
        part = value.get(name, pointer.ABSENT)
        if name in named:
            yield WalkedField(here, name, named[name][0], True, part)
            properties = [place.child("properties", name) for place in named[name]]
            inner = [schema for place in properties for schema in _describing(files, place)]
            yield from _fields(files, inner, part, here)
        elif owner is not None and not is_open:
            yield WalkedField(here, name, owner, False, part)


def _named(files: Source, places: Sequence[NodePlace]) -> dict[str, list[NodePlace]]:
    """The schemas that have a name among their properties, by the name."""
    schemas: dict[str, list[NodePlace]] = {}
    for place in places:
        for name in _object(files, place.child("properties")):
            schemas.setdefault(name, []).append(place)
    return schemas


def _owner(files: Source, places: Sequence[NodePlace]) -> NodePlace | None:
    """The schema that one more property belongs to: a closed one, else the first that has properties."""
    having = [place for place in places if _object(files, place.child("properties"))]
    closed = [place for place in having if _object(files, place).get("additionalProperties") is False]
    return next(iter([*closed, *having]), None)


def _is_open(files: Source, place: NodePlace) -> bool:
    node = _object(files, place)
    return any(node.get(key, False) is not False for key in _OPEN)


def _describing(
    files: Source, place: NodePlace, passed: frozenset[NodePlace] = frozenset()
) -> Iterator[NodePlace]:
    """The schemas of one value: at `place`, at the end of its references, and within it."""
    for schema in nodes.chain(files, place):
        node = nodes.follow(files, schema)
        if not isinstance(node, dict) or schema in passed:
            return
        passed |= {schema}
        yield schema
        inner: list[tuple[str | int, ...]] = [(key,) for key in _BRANCHES if key in node]
        inner += [(key, index) for key in _LISTS for index in range(len(node.get(key) or ()))]
        inner += [("dependentSchemas", name) for name in node.get("dependentSchemas") or ()]
        for path in inner:
            yield from _describing(files, schema.child(*path), passed)


def _object(files: Source, place: NodePlace) -> dict[str, Any]:
    node = nodes.follow(files, place)
    return node if isinstance(node, dict) else {}
