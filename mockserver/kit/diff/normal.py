"""The normal form of a schema: equal for two schemas that allow the same in another spelling.

Every rewriting here keeps exactly what is allowed. Two schemas may allow the same and still differ in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

import orjson

from mockserver.contract import pointer
from mockserver.contract.idle_checks import LIMITED
from mockserver.kit.diff.node import ASIDE, Node

_BY_NAME: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SINGLE: Final = frozenset({
    "items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "not", "if", "then", "else",
    "contains", "propertyNames",
})  # fmt: skip
_TOGETHER: Final = (
    {"properties", "patternProperties", "additionalProperties"},
    {"items", "prefixItems"},
    {"if", "then", "else"},
    {"contains", "minContains", "maxContains"},
)
"""Keywords that look at each other, so that a part of allOf that has some stays a part beside others."""
_NO_LIMIT: Final[Mapping[str, Any]] = {
    "minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False, "required": [],
    "deprecated": False, "allOf": [],
}  # fmt: skip

Schema = Any
"""A schema without references: an object, or false."""


def normal_form(schema: Node) -> bytes:
    """The normal form as JSON."""
    whole: Schema = False if schema.never else _normal(schema.document, _first(schema), ())
    return _json(_closed_or_silent(whole))


def _first(schema: Node) -> Any:
    return schema.layers[0][1] if schema.layers else {}


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _normal(document: Mapping[str, Any], schema: Any, trail: tuple[str, ...]) -> Schema:
    if not isinstance(schema, dict):
        return False if schema is False else {}
    words = {key: _word(document, key, value, trail) for key, value in schema.items() if key not in ASIDE}
    if "dependentRequired" in words and "dependentSchemas" not in words:
        needs = words.pop("dependentRequired")
        words["dependentSchemas"] = {name: {"required": sorted(set(names))} for name, names in needs.items()}
    reference = words.pop("$ref", None)
    if reference in trail:
        words["$ref"] = reference
    elif reference is not None:
        target = pointer.follow(document, pointer.parts(reference.removeprefix("#")))
        words["allOf"] = [*words.get("allOf", []), _normal(document, target, (*trail, reference))]
    return _simplified(words)


def _word(document: Mapping[str, Any], key: str, value: Any, trail: tuple[str, ...]) -> Any:
    if key in _BY_NAME and isinstance(value, dict):
        parts = {name: _normal(document, part, trail) for name, part in value.items()}
        if key == "dependentSchemas":
            return parts
        return {name: _closed_or_silent(part) for name, part in parts.items()}
    if key in _LISTS and isinstance(value, list):
        return [_normal(document, part, trail) for part in value]
    if key not in _SINGLE:
        return _number(value)
    part = _normal(document, value, trail)
    return part if key in {"if", "then", "else"} else _closed_or_silent(part)


def _closed_or_silent(schema: Schema) -> Schema:
    """The schema of a whole value without `additionalProperties: true`.

    In a part of another schema it stays: there it says to `unevaluatedProperties` that the fields are known.
    """
    if schema is False or schema.get("additionalProperties") != {} or "unevaluatedProperties" in schema:
        return schema
    return {key: value for key, value in schema.items() if key != "additionalProperties"}


def _number(value: Any) -> Any:
    """The value with whole numbers as integers: to JSON Schema 1.0 is 1."""
    if isinstance(value, list):
        return [_number(part) for part in value]
    if isinstance(value, dict):
        return {key: _number(part) for key, part in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _simplified(words: dict[str, Any]) -> Schema:
    words = _merged(words)
    if words.get("not") == {} or False in words.get("allOf", []):
        return False
    words = _whole_bounds(_typed(_listed(words)))
    if "required" in words:
        words["required"] = sorted(set(words["required"]))
    for key in {"allOf", "anyOf"} & words.keys():
        words[key] = _sorted(words[key])
    return {key: value for key, value in words.items() if key not in _NO_LIMIT or value != _NO_LIMIT[key]}


def _merged(words: dict[str, Any]) -> dict[str, Any]:
    """The schema with the parts of allOf, and of an anyOf or oneOf of one, merged where nothing collides."""
    own = dict(words)
    parts = own.pop("allOf", [])
    if "anyOf" not in own and _are_disjoint(own.get("oneOf", [])):
        own["anyOf"] = own.pop("oneOf")
    if "anyOf" in own and all(
        isinstance(branch, dict) and branch.keys() == {"enum"} for branch in own["anyOf"]
    ):
        own["anyOf"] = [{"enum": _sorted([value for branch in own["anyOf"] for value in branch["enum"]])}]
    for key in ("anyOf", "oneOf"):
        if key in own:
            own[key] = _nullable(own[key])
        if len(own.get(key, ())) == 1:
            parts = [*parts, *own.pop(key)]
    left = []
    for part in parts:
        if part is False or not _fits(own, part):
            left.append(part)
        else:
            left += part.get("allOf", [])
            own |= {key: value for key, value in part.items() if key != "allOf"}
    return own | {"allOf": left} if left else own


def _are_disjoint(branches: list[Schema]) -> bool:
    """Whether no value can be of two branches, as they look at other types or list other values."""
    for first, second in combinations(branches, 2):
        if not isinstance(first, dict) or not isinstance(second, dict) or not _are_apart(first, second):
            return False
    return bool(branches)


def _are_apart(first: dict[str, Any], second: dict[str, Any]) -> bool:
    if "enum" in first and "enum" in second:
        return not {_json(value) for value in first["enum"]} & {_json(value) for value in second["enum"]}
    names = [
        {"number" if name == "integer" else name for name in part.get("type", ())} for part in (first, second)
    ]
    return all(names) and not names[0] & names[1]


def _nullable(branches: list[Schema]) -> list[Schema]:
    """Two alternatives of which one is null as one that may be null, too, if the other looks at one type."""
    null = {"enum": [None]}
    others = [branch for branch in branches if branch != null]
    if len(branches) != 2 or len(others) != 1 or not isinstance(others[0], dict):
        return branches
    other = others[0]
    if "type" not in other or "null" in other["type"] or other.keys() - LIMITED.keys() - {"type", "enum"}:
        return branches
    enum = {"enum": _sorted([*other["enum"], None])} if "enum" in other else {}
    return [{**other, **enum, "type": sorted([*other["type"], "null"])}]


def _fits(own: dict[str, Any], part: dict[str, Any]) -> bool:
    if own.keys() & part.keys() or any(key.startswith(("unevaluated", "$")) for key in part):
        return False
    return not any(group & own.keys() and group & part.keys() for group in _TOGETHER)


def _sorted(parts: list[Schema]) -> list[Schema]:
    by_json = {_json(part): part for part in parts}
    return [by_json[key] for key in sorted(by_json)]


def _listed(words: dict[str, Any]) -> dict[str, Any]:
    """A const as an enum of one, and an enum in one order."""
    if "const" in words and "enum" not in words:
        words["enum"] = [words.pop("const")]
    if "enum" in words:
        words["enum"] = _sorted(words["enum"])
    return words


def _typed(words: dict[str, Any]) -> dict[str, Any]:
    """Types in one order, without the keywords that limit values of other types."""
    names = words.get("type")
    if names is None:
        return words
    types = {names} if isinstance(names, str) else set(names)
    if "number" in types:
        types.discard("integer")
    limited = {"number" if name == "integer" else name for name in types}
    fitting = {key: value for key, value in words.items() if LIMITED.get(key) in {None, *limited}}
    if types == {"null"} and "enum" not in fitting:
        del fitting["type"]
        return fitting | {"enum": [None]}
    return fitting | {"type": sorted(types)}


def _whole_bounds(words: dict[str, Any]) -> dict[str, Any]:
    """The bounds of integers as inclusive whole numbers."""
    if "integer" not in words.get("type", []):
        return words
    lows = [math.ceil(words[key]) for key in ("minimum",) if key in words]
    lows += [math.floor(words[key]) + 1 for key in ("exclusiveMinimum",) if key in words]
    highs = [math.floor(words[key]) for key in ("maximum",) if key in words]
    highs += [math.ceil(words[key]) - 1 for key in ("exclusiveMaximum",) if key in words]
    bounds = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    words = {key: value for key, value in words.items() if key not in bounds}
    if lows:
        words["minimum"] = max(lows)
    if highs:
        words["maximum"] = min(highs)
    return words
