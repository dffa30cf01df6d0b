"""The schema nodes of a provider's files: the place of each, and the nodes that it leads to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.unchecked import keys_in, object_in

JSON: Final = ("content", "application/json")
"""The path from a body to its media type."""
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PART_KEYWORDS: Final = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_BRANCH_KEYWORDS: Final = ("allOf", "anyOf", "oneOf")
_BY_NAME: Final = ("patternProperties", "dependentSchemas")
_CONDITION_KEYWORDS: Final = ("if", "not", "contains", "propertyNames")


class NodePlace(NamedTuple):
    """A node: its file, relative to the provider's folder, and its JSON pointer in it."""

    file: str
    pointer: str

    def child(self, *path: str | int) -> NodePlace:
        """The place below it."""
        return NodePlace(self.file, self.pointer + pointer.write(path))


PlacedMessage = tuple[NodePlace, str]
"""What is wrong with a node, and its place."""


class Schema(NamedTuple):
    """A schema that is an object.

    `name` is set for a property; `described` says that an outer schema of the same object describes the
    property already; `condition` that the schema only tests a value, as `if` does.
    """

    place: NodePlace
    node: dict[str, Any]
    name: str | None
    described: bool
    condition: bool


def follow(files: Source, place: NodePlace) -> Any:
    """The value at a place, or pointer.ABSENT."""
    if place.file not in files.files:
        return pointer.ABSENT
    return pointer.follow(files.files[place.file], pointer.parts(place.pointer))


def keys(files: Source, place: NodePlace) -> list[Any]:
    """The keys of the object, or the indexes of the list, at a place."""
    return keys_in(follow(files, place))


def target(place: NodePlace, reference: str) -> NodePlace:
    """The place that a reference at `place` refers to."""
    path, _, fragment = reference.partition("#")
    if not path:
        return NodePlace(place.file, fragment)
    return NodePlace(posixpath.normpath(posixpath.join(posixpath.dirname(place.file), path)), fragment)


def chain(files: Source, place: NodePlace) -> list[NodePlace]:
    """The place, what it refers to, what that refers to, and so on."""
    places = [place]
    while len(places) < 16:
        node = follow(files, places[-1])
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        places.append(target(places[-1], node["$ref"]))
    return places


def resolve(files: Source, place: NodePlace) -> NodePlace:
    """The end of the chain, even where there is no node."""
    return chain(files, place)[-1]


def operations(files: Source) -> Iterator[NodePlace]:
    """Every operation of the document, those of callbacks too."""
    document = files.files[DOCUMENT]
    yield from _operations(document.get("paths"), NodePlace(DOCUMENT, "/paths"))


def _operations(paths: Any, place: NodePlace) -> Iterator[NodePlace]:
    for path, methods in object_in(paths).items():
        for method in METHODS:
            operation = object_in(methods).get(method)
            if isinstance(operation, dict):
                at = place.child(path, method)
                yield at
                for name, callback in object_in(operation.get("callbacks")).items():
                    yield from _operations(callback, at.child("callbacks", name))


def roots(files: Source) -> Iterator[NodePlace]:
    """The outermost schemas: `schema` keys of the document, its own components, the models' payloads."""
    document = files.files[DOCUMENT]
    yield from _schema_keys(document, NodePlace(DOCUMENT, ""))
    for name in object_in(pointer.follow(document, ("components", "schemas"))):
        yield NodePlace(DOCUMENT, "").child("components", "schemas", name)
    for name in object_in(pointer.follow(document, ("x-job", "models"))):
        yield NodePlace(DOCUMENT, "").child("x-job", "models", name, "payload")


def _schema_keys(node: Any, place: NodePlace) -> Iterator[NodePlace]:
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _schema_keys(child, place.child(index))
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "schema" and isinstance(value, dict):
            yield place.child(key)
        elif key not in ("schemas", "example", "examples", "x-job"):
            yield from _schema_keys(value, place.child(key))


def schemas(files: Source, starts: Iterable[NodePlace]) -> Iterator[Schema]:
    """Every schema that can be reached, once for each way of reaching it."""
    pending = [(_Step(start), follow(files, start)) for start in starts]
    visited = set()
    while pending:
        step, node = pending.pop()
        if not isinstance(node, dict) or step in visited:
            continue
        visited.add(step)
        described = step.described or step.name in step.known
        yield Schema(step.place, node, step.name, described, step.condition)
        pending += _parts(step, node, described)
        pending += _in_place(files, step, node, described)


class _Step(NamedTuple):
    """`known` names the properties that schemas around this one give the same object."""

    place: NodePlace
    name: str | None = None
    known: frozenset[str] = frozenset()
    described: bool = False
    condition: bool = False


# A step comes with its node: to follow each pointer from the top again would be most of the walk.
def _parts(step: _Step, node: dict[str, Any], described: bool) -> Iterator[tuple[_Step, Any]]:
    """The schemas of the parts of the value."""
    known = _known_outside(step)
    for name, child in object_in(node.get("properties")).items():
        yield _Step(step.place.child("properties", name), name, known, described, step.condition), child
    for path, child in _below(node, _PART_KEYWORDS, "prefixItems", "patternProperties"):
        yield _Step(step.place.child(*path), described=described, condition=step.condition), child


def _in_place(
    files: Source, step: _Step, node: dict[str, Any], described: bool
) -> Iterator[tuple[_Step, Any]]:
    """The schemas that apply to the same value: they may narrow what is described already."""
    known = _known_outside(step) | set(object_in(node.get("properties")))
    for path, child in _below(node, ("then", "else"), *_BRANCH_KEYWORDS, "dependentSchemas"):
        yield _Step(step.place.child(*path), None, known, described, step.condition), child
    for path, child in _below(node, _CONDITION_KEYWORDS):
        yield _Step(step.place.child(*path), None, known, described, True), child
    if isinstance(node.get("$ref"), str):
        goal = target(step.place, node["$ref"])
        yield _Step(goal, None, known, described, step.condition), follow(files, goal)


def _below(
    node: dict[str, Any], single: tuple[str, ...], *several: str
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Path and value of what keywords hold: one schema each of `single`, any number each of `several`."""
    for key in single:
        if key in node:
            yield (key,), node[key]
    for key in several:
        held = node.get(key)
        if isinstance(held, dict if key in _BY_NAME else list):
            for name in keys_in(held):
                yield (key, name), held[name]


def _known_outside(step: _Step) -> frozenset[str]:
    """The properties that outer schemas give the object; a property's own object begins anew."""
    return step.known if step.name is None else frozenset()
