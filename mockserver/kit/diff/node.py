"""A schema as it is met in a bundled document: its own words, then those of what it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract import pointer

TEXTS: Final = ("title", "description", "example", "examples", "$comment", "x-expected", "x-provenance")
"""Keywords that are for people."""
_ASIDE: Final = frozenset({*TEXTS, "x-rule", "$schema", "$defs", "$id"})
_DEEPEST: Final = 16
_NAMED: Final = ("properties", "patternProperties", "dependentSchemas")


class Node(NamedTuple):
    """`layers` are pointer and words of the schema and of each it refers to; none stands for no schema.

    `never` is the schema `false`.
    """

    document: Mapping[str, Any]
    at: str
    layers: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    never: bool = False

    @property
    def end(self) -> str:
        """The pointer of the last schema that is referred to: the node's identity."""
        return self.layers[-1][0] if self.layers else self.at

    def get(self, key: str, default: Any = None) -> Any:
        """A keyword's value; the schema's own before what it refers to."""
        return next((words[key] for _, words in self.layers if key in words), default)

    def place(self, key: str) -> str:
        """The pointer of a keyword: where it stands, or where it would."""
        return next((at for at, words in self.layers if key in words), self.end) + pointer.write((key,))

    def has(self, key: str) -> bool:
        """Whether the keyword is there."""
        return any(key in words for _, words in self.layers)

    def words(self) -> list[str]:
        """All keywords but references."""
        return list(dict.fromkeys(key for _, words in self.layers for key in words if key != "$ref"))

    def child(self, key: str, *path: str | int) -> Node:
        """The schema at a keyword, or below."""
        return node(self.document, self.place(key) + pointer.write(path))

    def children(self, key: str) -> dict[str, Node]:
        """The schemas by name below a keyword: those of every layer, the first of a name."""
        found: dict[str, Node] = {}
        for at, words in self.layers:
            entries = words.get(key)
            for name in entries if isinstance(entries, dict) else ():
                found.setdefault(name, node(self.document, at + pointer.write((key, name))))
        return found

    def parts(self, key: str) -> list[Node]:
        """The schemas listed at a keyword, of every layer."""
        return [
            node(self.document, at + pointer.write((key, index)))
            for at, words in self.layers
            for index in range(len(words.get(key, ())))
        ]

    def required(self) -> dict[str, str]:
        """Names of the fields that must be there, each with the pointer of the list that says so."""
        found: dict[str, str] = {}
        for at, words in self.layers:
            for name in words.get("required", ()):
                found.setdefault(name, f"{at}/required")
        return found

    def meaning(self) -> bytes:
        """The schema with all it refers to and without its texts: equal for what means the same."""
        return orjson.dumps(_whole(self.document, self), option=orjson.OPT_SORT_KEYS)


def node(document: Mapping[str, Any], at: str) -> Node:
    """The schema at a pointer; one without layers where there is none."""
    layers: list[tuple[str, Mapping[str, Any]]] = []
    here = at
    for _ in range(_DEEPEST):
        found = pointer.follow(document, pointer.parts(here))
        if not isinstance(found, dict):
            return Node(document, at, tuple(layers), never=found is False)
        layers.append((here, found))
        if not isinstance(found.get("$ref"), str):
            break
        here = found["$ref"].removeprefix("#")
    return Node(document, at, tuple(layers))


def _whole(document: Mapping[str, Any], schema: Node, depth: int = _DEEPEST) -> Any:
    if schema.never:
        return False
    if depth == 0:
        return schema.end
    return {
        key: _value(document, schema.get(key), schema.place(key), depth, named=key in _NAMED)
        for key in schema.words()
        if key not in _ASIDE
    }


def _value(document: Mapping[str, Any], value: Any, at: str, depth: int, *, named: bool = False) -> Any:
    if isinstance(value, list):
        return [
            _value(document, item, at + pointer.write((index,)), depth) for index, item in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    if named:
        return {key: _value(document, item, at + pointer.write((key,)), depth) for key, item in value.items()}
    return _whole(document, node(document, at), depth - 1)


EMPTY: Final = Node({}, "")
"""No schema: anything is right."""
