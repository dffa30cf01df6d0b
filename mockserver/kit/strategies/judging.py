"""Whether a value that is drawn in parts can still satisfy a schema: yes, no, or not known yet.

A generator asks this after each part, so that it never builds what a validator would throw away.
The contract's own validator has the last word on what is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from mockserver.contract.source import resolve

Document = Mapping[str, Any]
Verdict = bool | None


class Undrawn:
    """The type of UNDRAWN."""

    def __repr__(self) -> str:
        return "UNDRAWN"


UNDRAWN: Final = Undrawn()
"""Stands at a property of which nobody has decided yet whether it is there."""


def judge(document: Document, schema: Any, value: Any) -> Verdict:
    """True or False where the schema's answer is certain whatever is drawn for UNDRAWN, else None.

    Formats and `x-image` are not looked at: both hold.
    """
    if isinstance(schema, bool):
        return None if value is UNDRAWN and not schema else schema
    if not isinstance(schema, Mapping) or not schema.keys() & _RULES.keys():
        return True
    if value is UNDRAWN:
        return None
    return every(_RULES[word](document, schema, value) for word in schema if word in _RULES)


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """False when one is, else None when one is, else True."""
    unsure = False
    for verdict in verdicts:
        if verdict is False:
            return False
        unsure = unsure or verdict is None
    return None if unsure else True


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """True when one is, else None when one is, else False."""
    return opposite(every(opposite(verdict) for verdict in verdicts))


def opposite(verdict: Verdict) -> Verdict:
    """The verdict of `not`."""
    return None if verdict is None else not verdict


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 is 1.0, and true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def is_of(kind: str, value: Any) -> bool:
    """Whether a JSON value is of a JSON Schema type."""
    if kind == "integer":
        return is_number(value) and value == int(value)
    return is_number(value) if kind == "number" else isinstance(value, _TYPES[kind])


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number: a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def kinds(schema: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The types a schema names, None for any."""
    named = schema.get("type")
    if named is None:
        return None
    return (named,) if isinstance(named, str) else tuple(named)


@lru_cache(maxsize=512)
def pattern(text: str) -> re.Pattern[str]:
    """A JSON Schema pattern, in which `$` is the very end."""
    return re.compile(f"{text[:-1]}\\Z" if text.endswith("$") and not text.endswith("\\$") else text)


def _reference(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    return judge(document, resolve(document, {"$ref": schema["$ref"]}), value)


def _type(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    return any(is_of(kind, value) for kind in kinds(schema) or ())


def _if(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    asked = judge(document, schema["if"], value)
    then, other = (schema.get(word, True) for word in ("then", "else"))
    if asked is None:
        both = [judge(document, branch, value) for branch in (then, other)]
        return both[0] if both[0] is both[1] else None
    return judge(document, then if asked else other, value)


def _one(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    verdicts = [judge(document, part, value) for part in schema["oneOf"]]
    if verdicts.count(True) > 1 or verdicts.count(False) == len(verdicts):
        return False
    return None if None in verdicts else True


def _required(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    if not isinstance(value, dict):
        return True
    if not value.keys() >= set(schema["required"]):
        return False
    return None if any(value[name] is UNDRAWN for name in schema["required"]) else True


def _properties(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    if not isinstance(value, dict):
        return True
    return every(
        judge(document, part, value[name]) for name, part in schema["properties"].items() if name in value
    )


def _additional(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    if not isinstance(value, dict):
        return True
    more = value.keys() - schema.get("properties", {}).keys()
    return every(judge(document, schema["additionalProperties"], value[name]) for name in more)


def _items(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    if not isinstance(value, list):
        return True
    return every(judge(document, schema["items"], item) for item in value)


def _contains(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
    if not isinstance(value, list):
        return True
    count = sum(judge(document, schema["contains"], item) is True for item in value)
    return bool(schema.get("minContains", 1) <= count <= schema.get("maxContains", count))


def _size(kind: str, low: bool) -> Callable[[Document, Mapping[str, Any], Any], Verdict]:
    name = f"{'min' if low else 'max'}{_SIZES[kind]}"

    def rule(document: Document, schema: Mapping[str, Any], value: Any) -> Verdict:
        if not isinstance(value, _TYPES[kind]):
            return True
        sure, most = _counted(value)
        limit = schema[name]
        if low:
            return True if sure >= limit else (None if most >= limit else False)
        return False if sure > limit else (True if most <= limit else None)

    return rule


def _counted(value: Any) -> tuple[int, int]:
    """How many parts there are for certain, and how many at most."""
    if isinstance(value, dict):
        return sum(part is not UNDRAWN for part in value.values()), len(value)
    return len(value), len(value)


def _bound(name: str, holds: Callable[[Any, Any], bool]) -> Callable[[Document, Any, Any], Verdict]:
    return lambda document, schema, value: not is_number(value) or holds(value, schema[name])


_TYPES: Final[Mapping[str, type]] = {
    "string": str,
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}
_SIZES: Final = {"string": "Length", "array": "Items", "object": "Properties"}
_RULES: Final[Mapping[str, Callable[[Document, Any, Any], Verdict]]] = {
    "$ref": _reference,
    "type": _type,
    "enum": lambda document, schema, value: any(same(value, one) for one in schema["enum"]),
    "const": lambda document, schema, value: same(value, schema["const"]),
    "not": lambda document, schema, value: opposite(judge(document, schema["not"], value)),
    "allOf": lambda document, schema, value: every(judge(document, part, value) for part in schema["allOf"]),
    "anyOf": lambda document, schema, value: some(judge(document, part, value) for part in schema["anyOf"]),
    "oneOf": _one,
    "if": _if,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "contains": _contains,
    "minimum": _bound("minimum", lambda value, limit: value >= limit),
    "maximum": _bound("maximum", lambda value, limit: value <= limit),
    "exclusiveMinimum": _bound("exclusiveMinimum", lambda value, limit: value > limit),
    "exclusiveMaximum": _bound("exclusiveMaximum", lambda value, limit: value < limit),
    "multipleOf": _bound("multipleOf", lambda value, limit: value % limit == 0),
    "minLength": _size("string", True),
    "maxLength": _size("string", False),
    "minItems": _size("array", True),
    "maxItems": _size("array", False),
    "minProperties": _size("object", True),
    "maxProperties": _size("object", False),
    "pattern": lambda document, schema, value: (
        not isinstance(value, str) or pattern(schema["pattern"]).search(value) is not None
    ),
}
