"""The schema nodes of a provider's files: where each stands, and which others it leads to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.source import DOCUMENT, Source

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_OF_PARTS: Final = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_CONDITIONS: Final = ("if", "not", "contains", "propertyNames")


class NodePlace(NamedTuple):
    """A node: its file, relative to the provider's folder, and its JSON pointer in it."""

    file: str
    pointer: str

    def child(self, *path: str | int) -> NodePlace:
        """The place below it."""
        return NodePlace(self.file, self.pointer + pointer.write(path))


class Schema(NamedTuple):
    """A schema that is an object. `name` is set for a property; `promised` says that an outer schema
    of the same object has described the property already; `condition` that it only asks, as in `if`."""

    place: NodePlace
    node: dict[str, Any]
    name: str | None = None
    promised: bool = False
    condition: bool = False


def follow(files: Source, place: NodePlace) -> Any:
    """The value at a place, or pointer.ABSENT."""
    if place.file not in files.files:
        return pointer.ABSENT
    return pointer.follow(files.files[place.file], pointer.parts(place.pointer))


def target(place: NodePlace, reference: str) -> NodePlace:
    """What a reference at `place` refers to."""
    path, _, fragment = reference.partition("#")
    if not path:
        return NodePlace(place.file, fragment)
    return NodePlace(posixpath.normpath(posixpath.join(posixpath.dirname(place.file), path)), fragment)


def chain(files: Source, place: NodePlace) -> list[NodePlace]:
    """The place, what it refers to, what that refers to, and so on."""
    found = [place]
    while len(found) < 16:
        node = follow(files, found[-1])
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        found.append(target(found[-1], node["$ref"]))
    return found


def resolve(files: Source, place: NodePlace) -> NodePlace:
    """The end of the chain, whether there is something or not."""
    return chain(files, place)[-1]


def operations(files: Source) -> Iterator[NodePlace]:
    """Every operation of the document, those of callbacks too."""
    document = files.files[DOCUMENT]
    yield from _operations(document.get("paths"), NodePlace(DOCUMENT, "/paths"))


def _operations(paths: Any, place: NodePlace) -> Iterator[NodePlace]:
    for path, item in _items(paths):
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                at = place.child(path, method)
                yield at
                for name, callback in _items(operation.get("callbacks")):
                    yield from _operations(callback, at.child("callbacks", name))


def roots(files: Source) -> Iterator[NodePlace]:
    """Where schemas begin: `schema` keys of the document, its own components, the models' payloads."""
    document = files.files[DOCUMENT]
    yield from _schema_keys(document, NodePlace(DOCUMENT, ""))
    for name, _ in _items(_get(document, "components", "schemas")):
        yield NodePlace(DOCUMENT, "").child("components", "schemas", name)
    for name, _ in _items(_get(document, "x-job", "models")):
        yield NodePlace(DOCUMENT, "").child("x-job", "models", name, "payload")


def _schema_keys(node: Any, place: NodePlace) -> Iterator[NodePlace]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _schema_keys(item, place.child(index))
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "schema" and isinstance(value, dict):
            yield place.child(key)
        elif key not in ("schemas", "example", "examples", "x-job"):
            yield from _schema_keys(value, place.child(key))


def schemas(files: Source, starts: Iterable[NodePlace]) -> Iterator[Schema]:
    """Every schema that can be reached; one that is reached in several ways comes several times."""
    waiting = [_Step(start) for start in starts]
    seen = set()
    while waiting:
        step = waiting.pop()
        node = follow(files, step.place)
        if not isinstance(node, dict) or step in seen:
            continue
        seen.add(step)
        promised = step.promised or step.name in step.known
        yield Schema(step.place, node, step.name, promised, step.condition)
        waiting += _parts(step, node, promised)
        waiting += _beside(step, node, promised)


class _Step(NamedTuple):
    """`known` names the properties that schemas around this one give the same object."""

    place: NodePlace
    name: str | None = None
    known: frozenset[str] = frozenset()
    promised: bool = False
    condition: bool = False

    def part(self, *path: str | int, promised: bool) -> _Step:
        return _Step(self.place.child(*path), promised=promised, condition=self.condition)


def _parts(step: _Step, node: dict[str, Any], promised: bool) -> Iterator[_Step]:
    """Schemas of what the value holds."""
    known = step.known if step.name is None else frozenset[str]()
    for name, _ in _items(node.get("properties")):
        yield _Step(step.place.child("properties", name), name, known, promised, step.condition)
    for key in _OF_PARTS:
        yield step.part(key, promised=promised)
    for index in range(_length(node.get("prefixItems"))):
        yield step.part("prefixItems", index, promised=promised)
    for name, _ in _items(node.get("patternProperties")):
        yield step.part("patternProperties", name, promised=promised)


def _beside(step: _Step, node: dict[str, Any], promised: bool) -> Iterator[_Step]:
    """Schemas of the same value: they may narrow what has been described already."""
    outer = step.known if step.name is None else frozenset[str]()
    known = outer | {name for name, _ in _items(node.get("properties"))}
    paths: list[tuple[str | int, ...]] = [("then",), ("else",)]
    paths += [(key, index) for key in _LISTS for index in range(_length(node.get(key)))]
    paths += [("dependentSchemas", name) for name, _ in _items(node.get("dependentSchemas"))]
    for path in paths:
        yield _Step(step.place.child(*path), None, known, promised, step.condition)
    for key in _CONDITIONS:
        yield _Step(step.place.child(key), None, known, promised, True)
    if isinstance(node.get("$ref"), str):
        yield _Step(target(step.place, node["$ref"]), None, known, promised, step.condition)


def _items(node: Any) -> list[tuple[str, Any]]:
    return list(node.items()) if isinstance(node, dict) else []


def _length(node: Any) -> int:
    return len(node) if isinstance(node, list) else 0


def _get(node: Any, *path: str) -> Any:
    return pointer.follow(node, path)
