"""A schema in a bundled document: its own keywords, then those of the schemas that it refers to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract import pointer

TEXTS: Final = (
    "title",
    "description",
    "example",
    "examples",
    "$comment",
    "x-expected",
    "x-says",
    "x-provenance",
)
"""Keywords for people only."""
ASIDE: Final = frozenset({*TEXTS, "x-rule", "x-without-effect", "$schema", "$defs", "$id"})
_DEEPEST: Final = 16
_MOST: Final = 16_384
"""Schemas that are remembered."""
_REFERENCE: Final = re.compile(rb'"\$ref":("#/(?:[^"\\]|\\.)*")')
_NAMED: Final = ("properties", "patternProperties", "dependentSchemas")


class Node(NamedTuple):
    """`layers` are pointer and keywords of the schema and of each that it refers to; empty for no schema.

    `never` marks the schema `false`.
    """

    document: Mapping[str, Any]
    at: str
    layers: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    never: bool = False

    @property
    def end(self) -> str:
        """The pointer of the last schema in the chain of references: the node's identity."""
        if not self.layers:
            return self.at
        return self.layers[-1][0]

    def get(self, key: str, default: Any = None) -> Any:
        """A keyword's value: the schema's own before that of a schema that it refers to."""
        return next((words[key] for _, words in self.layers if key in words), default)

    def place(self, key: str) -> str:
        """The pointer of a keyword, or where it would stand."""
        return next((at for at, words in self.layers if key in words), self.end) + pointer.write((key,))

    def has(self, key: str) -> bool:
        """Whether the keyword is there."""
        return any(key in words for _, words in self.layers)

    def words(self) -> list[str]:
        """All keywords except `$ref`."""
        keywords = dict.fromkeys(key for _, words in self.layers for key in words)
        keywords.pop("$ref", None)
        return list(keywords)

    def child(self, key: str, *path: str | int) -> Node:
        """The schema at a keyword, or below."""
        return node(self.document, self.place(key) + pointer.write(path))

    def children(self, key: str) -> dict[str, Node]:
        """The schemas by name below a keyword: of every layer, the first with a name."""
        children: dict[str, Node] = {}
        for at, words in self.layers:
            schemas = words.get(key)
            if isinstance(schemas, dict):
                for name in schemas:
                    children.setdefault(name, node(self.document, at + pointer.write((key, name))))
        return children

    def parts(self, key: str) -> list[Node]:
        """The schemas in the list at a keyword, of every layer."""
        return [
            node(self.document, at + pointer.write((key, index)))
            for at, words in self.layers
            for index in range(len(words.get(key, ())))
        ]

    def required(self) -> dict[str, str]:
        """The required fields, each with the pointer of the list that requires it."""
        required: dict[str, str] = {}
        for at, words in self.layers:
            for name in words.get("required", ()):
                required.setdefault(name, f"{at}/required")
        return required

    def meaning(self) -> bytes:
        """A digest of the schema with its references resolved and without texts: equal for schemas that mean
        the same.
        """
        known = _meanings.get(id(self))
        if known is None:
            _bound(_meanings)
            whole = orjson.dumps(_whole(self.document, self), option=orjson.OPT_SORT_KEYS)
            known = _meanings[id(self)] = self, sha256(whole).digest()
        return known[1]

    def is_written_like(self, other: Node) -> bool:
        """Whether both and all that they refer to are written alike, texts too. False if that is unknown."""
        return self._is_read() and other._is_read() and _written(self) == _written(other)

    def _is_read(self) -> bool:
        """Whether the node is what stands at its pointer, and not a part of that."""
        return _nodes.get((id(self.document), self.at)) is self


# An entry holds the object whose id is its key, so nothing else can have it. Documents do not change.
_nodes: Final[dict[tuple[int, str], Node]] = {}
_meanings: Final[dict[int, tuple[Node, bytes]]] = {}
_writings: Final[dict[int, tuple[Node, bytes]]] = {}


def _bound(remembered: dict[Any, Any]) -> None:
    if len(remembered) >= _MOST:
        remembered.clear()


def node(document: Mapping[str, Any], at: str) -> Node:
    """The schema at a pointer; without layers if there is none."""
    key = id(document), at
    if key not in _nodes:
        _bound(_nodes)
        _nodes[key] = _read(document, at)
    return _nodes[key]


def _read(document: Mapping[str, Any], at: str) -> Node:
    layers: list[tuple[str, Mapping[str, Any]]] = []
    here = at
    for _ in range(_DEEPEST):
        schema = pointer.follow(document, pointer.parts(here))
        if not isinstance(schema, dict):
            return Node(document, at, tuple(layers), never=schema is False)
        layers.append((here, schema))
        if not isinstance(schema.get("$ref"), str):
            break
        here = schema["$ref"].removeprefix("#")
    return Node(document, at, tuple(layers))


def _written(schema: Node) -> bytes:
    known = _writings.get(id(schema))
    if known is None:
        _bound(_writings)
        known = _writings[id(schema)] = schema, sha256(b"\0".join(_with_references(schema))).digest()
    return known[1]


def _with_references(schema: Node) -> list[bytes]:
    """The schema as JSON, and each that it refers to, also by way of another."""
    places = [schema.at]
    texts = []
    for at in places:
        value = pointer.follow(schema.document, pointer.parts(at))
        texts.append(b"" if value is pointer.ABSENT else orjson.dumps(value))
        places += [ref for ref in dict.fromkeys(_references(texts[-1])) if ref not in places]
    return texts


def _references(text: bytes) -> list[str]:
    """The pointers of a schema's references, and perhaps of what only looks like one."""
    return [orjson.loads(ref).removeprefix("#") for ref in _REFERENCE.findall(text)]


def _whole(document: Mapping[str, Any], schema: Node, depth: int = _DEEPEST) -> Any:
    if schema.never:
        return False
    if depth == 0:
        return schema.end
    return {
        key: _value(document, schema.get(key), schema.place(key), depth, named=key in _NAMED)
        for key in schema.words()
        if key not in ASIDE
    }


def _value(document: Mapping[str, Any], value: Any, at: str, depth: int, *, named: bool = False) -> Any:
    if isinstance(value, list):
        return [
            _value(document, part, at + pointer.write((index,)), depth) for index, part in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    if named:
        return {key: _value(document, part, at + pointer.write((key,)), depth) for key, part in value.items()}
    return _whole(document, node(document, at), depth - 1)


EMPTY: Final = Node({}, "")
"""No schema: every value is valid."""
