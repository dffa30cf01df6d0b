"""The normal form of a schema: equal for two schemas that allow the same in another spelling.

Every rewriting here keeps exactly what is allowed. Two schemas may allow the same and still differ in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.idle_checks import LIMITED
from mockserver.contract.validate import SchemaContext, Validator
from mockserver.kit.diff.alternatives import Schema, are_disjoint, as_json, flat, in_order, united
from mockserver.kit.diff.node import ASIDE, Node
from mockserver.media.picture import measure

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
    "deprecated": False, "allOf": [], "propertyNames": {},
}  # fmt: skip
_TIGHTER: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    "required": lambda first, second: [*first, *second],
}
"""What two schemas of one value demand together, for keywords that both have."""
_EVERY_TYPE: Final = frozenset({"array", "boolean", "null", "number", "object", "string"})
_OF_NO_PARTS: Final = frozenset({"type", *LIMITED}) - {"discriminator"}
"""Keywords that say of a plain value by themselves whether it is allowed."""


def normal_form(schema: Node) -> bytes:
    """The normal form as JSON."""
    whole: Schema = False if schema.never else _normal(schema.document, _first(schema), ())
    return as_json(_closed_or_silent(whole))


def _first(schema: Node) -> Any:
    return schema.layers[0][1] if schema.layers else {}


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
    words = _narrowed(_whole_bounds(_typed(_listed(words))))
    if words.get("enum") == []:
        return False
    if "required" in words:
        words["required"] = sorted(set(words["required"]))
    for key in {"allOf", "anyOf"} & words.keys():
        words[key] = in_order(words[key])
    return {key: value for key, value in words.items() if key not in _NO_LIMIT or value != _NO_LIMIT[key]}


def _merged(words: dict[str, Any]) -> dict[str, Any]:
    """The schema with the parts of allOf, and of an anyOf or oneOf of one, merged where nothing collides."""
    own = dict(words)
    parts = own.pop("allOf", [])
    if "anyOf" not in own and are_disjoint(own.get("oneOf", [])):
        own["anyOf"] = own.pop("oneOf")
    if "anyOf" in own:
        own["anyOf"] = united(in_order(list(flat(own["anyOf"]))))
    for key in ("anyOf", "oneOf"):
        if len(own.get(key, ())) == 1:
            parts = [*parts, *own.pop(key)]
    left = []
    for part in parts:
        together = None if part is False else _together(own, part)
        if together is None:
            left.append(part)
        else:
            left += part.get("allOf", [])
            own = together
    return own | {"allOf": left} if left else own


def _together(own: dict[str, Any], part: dict[str, Any]) -> dict[str, Any] | None:
    """What two schemas of one value demand, as one schema; None where that cannot be said by one.

    What stands in `allOf` of the part is not in it.
    """
    if any(key.startswith(("unevaluated", "$")) for key in part):
        return None
    groups = [(group & own.keys(), group & part.keys()) for group in _TOGETHER]
    if any(names and others and names | others != {"properties"} for names, others in groups):
        return None
    whole = own | {key: value for key, value in part.items() if key != "allOf"}
    for key in own.keys() & part.keys() - {"allOf"}:
        whole[key] = _both(key, own[key], part[key])
        if whole[key] is None:
            return None
    return whole


def _both(key: str, first: Any, second: Any) -> Any:
    """What two values of a keyword demand together; None where no one value does."""
    if key == "type":
        first, second = ({value} if isinstance(value, str) else set(value) for value in (first, second))
        return sorted(first) if first == second else None
    if key == "properties":
        shared = first.keys() & second.keys()
        return (
            first | second if all(as_json(first[name]) == as_json(second[name]) for name in shared) else None
        )
    if key in _TIGHTER:
        return _TIGHTER[key](first, second)
    return first if as_json(first) == as_json(second) else None


def _narrowed(words: dict[str, Any]) -> dict[str, Any]:
    """A list of plain values as those of it that the other keywords allow, without these keywords."""
    if "enum" not in words or any(isinstance(value, list | dict) for value in words["enum"]):
        return words
    rest = {key: value for key, value in words.items() if key in _OF_NO_PARTS}
    if b'"$ref"' in as_json(rest):
        return words
    validator = Validator(SchemaContext({"components": rest}, {}, measure), "/components")
    values = [value for value in words["enum"] if validator.is_valid(value)]
    left = {key: value for key, value in words.items() if key not in rest}
    if as_json(in_order(values)) == b"[false,true]":
        del left["enum"]
        return left | {"type": ["boolean"]}
    return left | {"enum": values}


def _listed(words: dict[str, Any]) -> dict[str, Any]:
    """A const as an enum of one, and an enum in one order."""
    if "const" in words and "enum" not in words:
        words["enum"] = [words.pop("const")]
    if "enum" in words:
        words["enum"] = in_order(words["enum"])
    return words


def _typed(words: dict[str, Any]) -> dict[str, Any]:
    """Types in one order, without the keywords that limit values of other types."""
    names = words.get("type")
    if names is None:
        return words
    types = {names} if isinstance(names, str) else set(names)
    if "number" in types:
        types.discard("integer")
    if types == _EVERY_TYPE:
        return {key: value for key, value in words.items() if key != "type"}
    limited = {"number" if name == "integer" else name for name in types}
    fitting = {key: value for key, value in words.items() if LIMITED.get(key) in {None, *limited}}
    if types == {"null"} and "enum" not in fitting:
        del fitting["type"]
        return fitting | {"enum": [None]}
    return fitting | {"type": sorted(types)}


def _whole_bounds(words: dict[str, Any]) -> dict[str, Any]:
    """The bounds of integers as inclusive whole numbers."""
    if words.get("multipleOf") == 1 and {"integer", "number"} & set(words.get("type", [])):
        types = sorted({"integer" if name == "number" else name for name in words["type"]})
        words = {key: value for key, value in words.items() if key != "multipleOf"} | {"type": types}
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
