"""The keywords of one schema that limit one value, compared: narrower, wider, or another."""

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
    """What a keyword did: a family of codes.FAMILIES, which way, the values, and the keyword itself."""

    family: str
    direction: Direction
    before: Any
    after: Any
    key: str


def shifts(a: Node, b: Node) -> Iterator[Shift]:
    """Every limit on a value that `b` sets otherwise than `a`, but for types and what the value holds."""
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
    """What became of the types; None where they are the same."""
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
    """The types of JSON that a schema names; all where it names none, none where nothing can be right."""
    if schema.never or schema.get("not") == {}:
        return frozenset()
    named = schema.get("type")
    if named is None:
        return _TYPES
    return frozenset([named] if isinstance(named, str) else named)


def _within(inner: frozenset[str], outer: frozenset[str]) -> bool:
    return inner <= (outer | {"integer"} if "number" in outer else outer)


def _written(names: frozenset[str]) -> str:
    if names == _TYPES:
        return "any"
    return " or ".join(sorted(names)) or NEVER


def _values(a: Node, b: Node) -> Iterator[Shift]:
    """`const` is an `enum` of one; each value is known by its JSON, as 1 and true are not one."""
    before, after = _listed(a), _listed(b)
    key = "const" if b.get("const") is not None and b.get("enum") is None else "enum"
    yield from _set("enum", key, before, after)


def _listed(schema: Node) -> dict[bytes, Any] | None:
    if schema.has("const"):
        return _by_json([schema.get("const")])
    return _by_json(schema.get("enum")) if schema.has("enum") else None


def _by_json(values: Iterable[Any]) -> dict[bytes, Any]:
    return {orjson.dumps(value, option=orjson.OPT_SORT_KEYS): value for value in values}


def _set(
    family: str, key: str, before: Mapping[bytes, Any] | None, after: Mapping[bytes, Any] | None
) -> Iterator[Shift]:
    if before is None and after is None:
        return
    if before is None or after is None:
        listed = list((before or after or {}).values())
        if before is None:
            yield Shift(family, "narrowed", None, listed, key)
        else:
            yield Shift(family, "widened", listed, None, key)
        return
    lost, won = before.keys() - after.keys(), after.keys() - before.keys()
    if lost:
        yield Shift(family, "narrowed", list(before.values()), list(after.values()), key)
    if won:
        yield Shift(family, "widened", list(before.values()), list(after.values()), key)


def _bound(family: str, key: str, before: Any, after: Any, *, low: bool) -> Iterator[Shift]:
    if before == after:
        return
    tighter = before is None or (after is not None and (after > before if low else after < before))
    yield Shift(family, "narrowed" if tighter else "widened", _said(key, before), _said(key, after), key)


def _said(key: str, value: Any) -> str | None:
    return None if value is None else f"{key} {orjson.dumps(value).decode()}"


def _undecided(key: str, before: Any, after: Any) -> Iterator[Shift]:
    if before == after:
        return
    direction: Direction = "changed"
    if before is None or after is None:
        direction = "narrowed" if before is None else "widened"
    yield Shift("form", direction, _said(key, before), _said(key, after), key)


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
            yield Shift("image", "narrowed" if before is None else "widened", before, after, "x-image")
        return
    for name in _IMAGE_SETS:
        listed = (_by_json(side[name]) if name in side else None for side in (before, after))
        yield from _set("image", f"x-image/{name}", *listed)
    for name in (*_IMAGE_LOW, *_IMAGE_HIGH):
        key, low = f"x-image/{name}", name in _IMAGE_LOW
        for shift in _bound("image", name, before.get(name), after.get(name), low=low):
            yield shift._replace(key=key)
    if bool(before.get("empty")) != bool(after.get("empty")):
        told = "may be empty"
        if before.get("empty"):
            yield Shift("image", "narrowed", told, None, "x-image/empty")
        else:
            yield Shift("image", "widened", None, told, "x-image/empty")
