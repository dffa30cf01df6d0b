"""Compares the keywords of a schema that limit one value: they get narrower, wider, or other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

import orjson

from mockserver.kit.diff.node import Node

Direction = Literal["narrowed", "widened", "changed"]
NEVER: Final = "never"
_LOW: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_HIGH: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_TYPES: Final = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
_IMAGE_LOW: Final = ("minSide", "minRatio")
_IMAGE_HIGH: Final = ("maxBytes", "maxRatio")
_IMAGE_SETS: Final = ("forms", "types")


class Shift(NamedTuple):
    """The change of a keyword: a family of codes.FAMILIES, the direction, the values, and the keyword."""

    family: str
    direction: Direction
    before: Any
    after: Any
    key: str


def shifts(a: Node, b: Node) -> Iterator[Shift]:
    """Every limit on a value that `a` and `b` set differently, except for its type and its parts."""
    yield from _values(a, b)
    for key in _LOW:
        yield from _bound("range", key, a.get(key), b.get(key), low=True)
    for key in _HIGH:
        yield from _bound("range", key, a.get(key), b.get(key), low=False)
    for key in ("pattern", "format"):
        yield from _undecided(key, a.get(key), b.get(key))
    yield from _step(a.get("multipleOf"), b.get("multipleOf"))
    yield from _undecided("uniqueItems", a.get("uniqueItems") or None, b.get("uniqueItems") or None)
    yield from _image(a.get("x-image"), b.get("x-image"))


def type_shift(a: Node, b: Node) -> Shift | None:
    """The change of the types; None if they are the same."""
    before, after = types(a), types(b)
    if before == after:
        return None
    direction: Direction = "changed"
    if _within(after, before):
        direction = "narrowed"
    elif _within(before, after):
        direction = "widened"
    return Shift("type", direction, _written(before), _written(after), "type")


def types(schema: Node) -> frozenset[str]:
    """The JSON types that a schema allows: all if it names none, none if no value can be valid."""
    if schema.never or schema.get("not") == {}:
        return frozenset()
    names = schema.get("type", _TYPES)
    if isinstance(names, str):
        return frozenset((names,))
    return frozenset(names)


def _within(inner: frozenset[str], outer: frozenset[str]) -> bool:
    if "number" in outer:
        outer |= {"integer"}
    return inner <= outer


def direction_of(before: Any, after: Any) -> Direction:
    """`narrowed` for a limit that only the second schema has, `widened` for one that only the first has."""
    if before is None:
        return "narrowed"
    if after is None:
        return "widened"
    return "changed"


def _written(names: frozenset[str]) -> str:
    if names == _TYPES:
        return "any"
    return " or ".join(sorted(names)) or NEVER


def _values(a: Node, b: Node) -> Iterator[Shift]:
    """Compare lists of values; `const` is a list of one. Values are compared as JSON: 1 is not true."""
    key = "enum"
    if b.get("const") is not None and b.get("enum") is None:
        key = "const"
    yield from _set("enum", key, _listed(a), _listed(b))


def _listed(schema: Node) -> dict[bytes, Any] | None:
    if schema.has("const"):
        return _by_json([schema.get("const")])
    if schema.has("enum"):
        return _by_json(schema.get("enum"))
    return None


def _by_json(values: Iterable[Any]) -> dict[bytes, Any]:
    return {orjson.dumps(value, option=orjson.OPT_SORT_KEYS): value for value in values}


def _set(
    family: str, key: str, before: Mapping[bytes, Any] | None, after: Mapping[bytes, Any] | None
) -> Iterator[Shift]:
    if before is None and after is None:
        return
    old, new = _values_of(before), _values_of(after)
    if before is None or after is None:
        yield Shift(family, direction_of(before, after), old, new, key)
        return
    if before.keys() - after.keys():
        yield Shift(family, "narrowed", old, new, key)
    if after.keys() - before.keys():
        yield Shift(family, "widened", old, new, key)


def _values_of(listed: Mapping[bytes, Any] | None) -> list[Any] | None:
    return None if listed is None else list(listed.values())


def _bound(family: str, key: str, before: Any, after: Any, *, low: bool) -> Iterator[Shift]:
    if before == after:
        return
    direction = direction_of(before, after)
    if direction == "changed":
        narrower = after > before if low else after < before
        direction = "narrowed" if narrower else "widened"
    yield Shift(family, direction, _limit(key, before), _limit(key, after), key)


def _limit(key: str, value: Any) -> str | None:
    return None if value is None else f"{key} {orjson.dumps(value).decode()}"


def _undecided(key: str, before: Any, after: Any) -> Iterator[Shift]:
    if before != after:
        yield Shift("form", direction_of(before, after), _limit(key, before), _limit(key, after), key)


def _step(before: Any, after: Any) -> Iterator[Shift]:
    for shift in _undecided("multipleOf", before, after):
        if shift.direction == "changed" and after % before == 0:
            shift = shift._replace(direction="narrowed")
        elif shift.direction == "changed" and before % after == 0:
            shift = shift._replace(direction="widened")
        yield shift


def _image(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Shift]:
    if before is None or after is None:
        if before != after:
            yield Shift("image", direction_of(before, after), before, after, "x-image")
        return
    for name in _IMAGE_SETS:
        yield from _set("image", f"x-image/{name}", _image_set(before, name), _image_set(after, name))
    for name in (*_IMAGE_LOW, *_IMAGE_HIGH):
        key, low = f"x-image/{name}", name in _IMAGE_LOW
        for shift in _bound("image", name, before.get(name), after.get(name), low=low):
            yield shift._replace(key=key)
    yield from _image_empty(bool(before.get("empty")), bool(after.get("empty")))


def _image_set(image: Mapping[str, Any], name: str) -> dict[bytes, Any] | None:
    return _by_json(image[name]) if name in image else None


def _image_empty(before: bool, after: bool) -> Iterator[Shift]:
    if before and not after:
        yield Shift("image", "narrowed", "may be empty", None, "x-image/empty")
    elif after and not before:
        yield Shift("image", "widened", None, "may be empty", "x-image/empty")
