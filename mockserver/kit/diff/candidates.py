"""Values at the edges of two schemas: limits, members of lists, branches, fields that are there or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain, cycle, islice
from typing import Any, Final

import orjson
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import InvalidArgument, NoSuchExample
from hypothesis.strategies import characters, from_regex

from mockserver.kit.diff.node import Node

MOST: Final = 200
"""Values tried for one pair of schemas."""
_FEW: Final = 12
_REFUSED: Final = 4
_DEEPEST: Final = 4
_LONGEST: Final = 5000
_LONG: Final = 200
"""Characters of a value that is shown only if no shorter one will do."""
_PLAIN: Final[tuple[Any, ...]] = (None, True, False, 0, 1, -1, 2, 0.5, 1.5, "a", "", "ab", [], {})
_LIMITS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_LENGTHS: Final = ("minLength", "maxLength")
_COUNTS: Final = ("minItems", "maxItems", "minContains", "maxContains")
_OF_FORMATS: Final[Mapping[str, str]] = {
    "date": "2030-01-31",
    "date-time": "2030-01-31T10:00:00Z",
    "email": "a@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "10:00:00Z",
    "uri": "https://example.com/a",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_FIRST_OF_A_PATTERN: Final = settings(
    max_examples=10, phases=(Phase.generate,), database=None, derandomize=True, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("if", "then", "else", "not")
EXTRA: Final = "extra"
"""The name of a field that no schema names."""

Valid = Callable[[Node, Any], bool]


class Candidates:
    """Makes values for schemas; `valid` judges. What is made for the same schemas again is remembered."""

    def __init__(self, valid: Valid) -> None:
        self._valid = valid
        self._values: dict[tuple[int, ...], tuple[Sequence[Node], Sequence[Any]]] = {}

    def values(self, schemas: Sequence[Node], depth: int = _DEEPEST) -> Sequence[Any]:
        """At most MOST different values of what all these schemas describe: those valid by the first schema
        in front, and long ones behind the others.
        """
        # The same place is the same node; an entry holds those whose ids are its key.
        key = (depth, *map(id, schemas))
        if key not in self._values:
            self._values[key] = schemas, self._made(schemas, depth)
        return self._values[key][1]

    def _made(self, schemas: Sequence[Node], depth: int) -> list[Any]:
        parts = [facet for schema in schemas for facet in facets(schema)]
        made = chain.from_iterable(_simple(facet) for facet in parts)
        every = chain(made, _PLAIN)
        if depth:
            objects = islice(self.bases(schemas, depth), MOST // 2)
            every = chain(made, islice(self._arrays(parts, depth), MOST // 4), objects, _PLAIN)
        distinct = list(_distinct(islice(every, 2 * MOST)).items())[:MOST]
        # The key is the value's JSON.
        distinct.sort(key=lambda pair: (not self._valid(schemas[0], pair[1]), len(pair[0]) > _LONG))
        return [value for _, value in distinct]

    def bases(self, schemas: Sequence[Node], depth: int = _DEEPEST) -> Iterator[dict[str, Any]]:
        """Objects: with the required fields, with all, then with one field or two in another way."""
        parts = [facet for schema in schemas for facet in facets(schema)]
        fields = self._fields(parts, depth)
        needed = {name for schema in schemas[:1] for name in _required(schema)}
        wanted = {name for facet in parts for name in facet.required()}
        starts = [_with(fields, names) for names in (needed, wanted, {*fields, *needed})]
        yield from starts
        for start in starts:
            yield from _varied(start, fields)
            yield start | {EXTRA: 1}
        yield from ({"a": 1}, {"a": 1, "b": 2}, {})
        for start in starts[:2]:
            for first in _varied(start, fields):
                yield from _varied(first, fields)

    def pool(self, schemas: Sequence[Node]) -> dict[str, Sequence[Any]]:
        """A few values of each field that any of the schemas describes, by its name."""
        return self._fields([facet for schema in schemas for facet in facets(schema)], _DEEPEST)

    def _fields(self, parts: Sequence[Node], depth: int) -> dict[str, Sequence[Any]]:
        """By name, the few best values of each field that is described anywhere."""
        described: dict[str, list[Node]] = {}
        for facet in parts:
            for name, schema in facet.children("properties").items():
                described.setdefault(name, []).append(schema)
        return {name: self._few(schemas, depth - 1) for name, schemas in described.items()}

    def _few(self, schemas: Sequence[Node], depth: int) -> Sequence[Any]:
        """The best values of a field, and some that its first schema refuses, which may be below a `not`."""
        values = self.values(schemas, depth)
        refused = (value for value in values[_FEW:] if not self._valid(schemas[0], value))
        return [*values[:_FEW], *islice(refused, _REFUSED)]

    def _arrays(self, parts: Sequence[Node], depth: int) -> Iterator[list[Any]]:
        schemas = [facet.child("items") for facet in parts if facet.has("items")]
        schemas += [facet.child("contains") for facet in parts if facet.has("contains")]
        items: Sequence[Any] = self.values(schemas, depth - 1)[:_FEW] if schemas else (1, "a", 2)
        counts = {count for facet in parts for key in _COUNTS for count in _counts(facet, key)}
        for item in items:
            yield [item]
        for count in sorted({2, *counts}):
            yield list(islice(cycle(items), count))
            yield list(islice(cycle(items[:1]), count))


def _with(fields: Mapping[str, Sequence[Any]], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields.get(name, (1,))[0] for name in sorted(names)}


def _varied(start: dict[str, Any], fields: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for name in start:
        yield {key: value for key, value in start.items() if key != name}
    for index in range(_FEW):
        for name, choices in fields.items():
            if index < len(choices):
                yield start | {name: choices[index]}


def _required(schema: Node) -> Iterator[str]:
    yield from schema.required()
    for part in schema.parts("allOf"):
        yield from _required(part)


def facets(schema: Node, depth: int = _DEEPEST) -> Iterator[Node]:
    """The schema and those beside it, of the same value."""
    yield schema
    if not depth:
        return
    beside = [part for key in _LISTS for part in schema.parts(key)]
    beside += [schema.child(key) for key in _SINGLE if schema.has(key)]
    beside += schema.children("dependentSchemas").values()
    for part in beside:
        yield from facets(part, depth - 1)


def _simple(facet: Node) -> Iterator[Any]:
    yield from facet.get("enum", ())
    yield from (facet.get(key) for key in ("const", "default") if facet.has(key))
    yield from facet.get("examples", ())
    for key in _LIMITS:
        if facet.has(key):
            yield from _around(facet.get(key))
    for key in _LENGTHS:
        yield from ("a" * count for count in _counts(facet, key))
    if facet.has("format"):
        yield _OF_FORMATS.get(facet.get("format"), "a")
    if facet.has("pattern"):
        yield from _matching(facet.get("pattern"))
    if facet.has("x-image"):
        yield from _pictures(facet.get("x-image"))


@lru_cache
def _matching(pattern: str) -> tuple[str, ...]:
    """Texts that match a pattern: those of formats that do, and one that is made for it."""
    texts = [text for text in _OF_FORMATS.values() if re.search(pattern, text)]
    alphabet = characters(codec="ascii", categories=("L", "N", "P"))
    with suppress(NoSuchExample, re.error, InvalidArgument):
        texts.append(
            find(from_regex(pattern, alphabet=alphabet), lambda _: True, settings=_FIRST_OF_A_PATTERN)
        )
    return tuple(texts)


def _around(limit: float) -> Iterator[float]:
    yield from (limit, limit + 1, limit - 1, limit * 2, limit * 3, limit / 2, limit + 0.5, limit - 0.5)


def _counts(facet: Node, key: str) -> Iterator[int]:
    if facet.has(key):
        count = int(facet.get(key))
        yield from (near for near in (count, count + 1, count - 1) if 0 <= near <= _LONGEST)


def _pictures(rule: Mapping[str, Any]) -> Iterator[str]:
    from mockserver.kit.strategies import images

    yield from images.values(rule)
    yield from images.faulty(rule)
    yield ""


def _distinct(made: Iterable[Any]) -> dict[bytes, Any]:
    """The different values, by their JSON."""
    return {orjson.dumps(value, option=orjson.OPT_SORT_KEYS): value for value in made}
