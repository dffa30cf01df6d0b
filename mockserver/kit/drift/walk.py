"""A body along its schema: which fields the contract names, and which schema each would belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract import nodes, pointer
from mockserver.contract.model import Operation
from mockserver.contract.nodes import NodePlace
from mockserver.contract.source import DOCUMENT, Source

ANY: Final = "*"
"""Stands in a pointer for every index."""
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_BRANCHES: Final = ("then", "else")
_OPEN: Final = ("patternProperties", "additionalProperties")


class WalkedField(NamedTuple):
    """One field of a body: `at` is its pointer with `*` for indices, `name` its key in `owner`, the schema
    of the object around it; `known` whether any schema names it, `value` ABSENT where it is named alone."""

    at: str
    name: str
    owner: NodePlace
    known: bool
    value: Any


def answer_place(files: Source, operation: Operation, status: int) -> NodePlace | None:
    """The response of that status: the operation's own, or the document's for all; None without one."""
    own = NodePlace(DOCUMENT, "").child(
        "paths", operation.path, operation.method.lower(), "responses", status
    )
    if nodes.follow(files, own) is not pointer.ABSENT:
        return nodes.resolve(files, own)
    answers = pointer.follow(files.files[DOCUMENT], ("x-job", "answers"))
    for when, entry in answers.items() if isinstance(answers, dict) else ():
        if entry["status"] == status:
            return nodes.resolve(files, NodePlace(DOCUMENT, "").child("x-job", "answers", when, "response"))
    return None


def schema_place(response: NodePlace) -> NodePlace:
    """Where a response's schema of a JSON body stands."""
    return response.child("content", "application/json", "schema")


def bundled(place: NodePlace) -> str:
    """A place as a pointer into the bundled document."""
    if not place.file.startswith("schemas/"):
        return place.pointer
    name = place.file.removeprefix("schemas/").removesuffix(".json")
    return pointer.write(("components", "schemas", name)) + place.pointer


def steps(files: Source, place: NodePlace, body: Any) -> Iterator[WalkedField]:
    """Every field of `body`, and every one that the contract names beside those."""
    yield from _steps(files, tuple(_describing(files, place)), body, "")


def _steps(files: Source, places: Sequence[NodePlace], value: Any, at: str) -> Iterator[WalkedField]:
    if isinstance(value, list):
        inner = [found for place in places for found in _below(files, place.child("items"))]
        for item in value:
            yield from _steps(files, inner, item, f"{at}/{ANY}")
    elif isinstance(value, dict):
        yield from _fields(files, places, value, at)


def _fields(
    files: Source, places: Sequence[NodePlace], value: dict[str, Any], at: str
) -> Iterator[WalkedField]:
    named = _named(files, places)
    owner = _owner(files, places)
    is_open = any(_is_open(files, place) for place in places)
    for name in [*value, *(name for name in named if name not in value)]:
        here = at + pointer.write((name,))
        found = value.get(name, pointer.ABSENT)
        if name in named:
            yield WalkedField(here, name, named[name][0], True, found)
            inner = [place for one in named[name] for place in _below(files, one.child("properties", name))]
            yield from _steps(files, inner, found, here)
        elif owner is not None and not is_open:
            yield WalkedField(here, name, owner, False, found)


def _named(files: Source, places: Sequence[NodePlace]) -> dict[str, list[NodePlace]]:
    """Names to the schemas that have them among their properties."""
    found: dict[str, list[NodePlace]] = {}
    for place in places:
        for name in _object(files, place.child("properties")):
            found.setdefault(name, []).append(place)
    return found


def _owner(files: Source, places: Sequence[NodePlace]) -> NodePlace | None:
    """Where one more property belongs: beside a closed list of them, else beside the first others."""
    having = [place for place in places if _object(files, place.child("properties"))]
    closed = [place for place in having if _object(files, place).get("additionalProperties") is False]
    return next(iter([*closed, *having]), None)


def _is_open(files: Source, place: NodePlace) -> bool:
    node = _object(files, place)
    return any(node.get(key, False) is not False for key in _OPEN)


def _below(files: Source, place: NodePlace) -> list[NodePlace]:
    return list(_describing(files, place))


def _describing(
    files: Source, place: NodePlace, seen: frozenset[NodePlace] = frozenset()
) -> Iterator[NodePlace]:
    """The schemas of one value: that at `place`, what it refers to, and those within it for the same."""
    for one in nodes.chain(files, place):
        node = nodes.follow(files, one)
        if not isinstance(node, dict) or one in seen:
            return
        seen |= {one}
        yield one
        inner: list[tuple[str | int, ...]] = [(key,) for key in _BRANCHES if key in node]
        inner += [(key, index) for key in _LISTS for index in range(len(node.get(key) or ()))]
        inner += [("dependentSchemas", name) for name in node.get("dependentSchemas") or ()]
        for path in inner:
            yield from _describing(files, one.child(*path), seen)


def _object(files: Source, place: NodePlace) -> dict[str, Any]:
    node = nodes.follow(files, place)
    return node if isinstance(node, dict) else {}
