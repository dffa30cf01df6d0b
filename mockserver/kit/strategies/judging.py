"""Whether a value that is drawn in parts can still satisfy a schema: yes, no, or not known yet.

A generator asks this after each part, so that it never builds what a validator would throw away.
The contract's own validator has the last word on what is made.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from mockserver.contract.source import resolve

Document = Mapping[str, Any]
Verdict = bool | None
Rule = Callable[[Any], Verdict]
Factory = Callable[[Mapping[str, Any], Mapping[str, Any]], Rule]
_KEPT: Final = 16384


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
    return rule(document, schema)(value)


_rules: dict[tuple[int, int], tuple[Document, Any, Rule]] = {}


def rule(document: Document, schema: Any) -> Rule:
    """`judge` for one schema, remembered by identity: both are kept, so that it stays theirs."""
    key = (id(document), id(schema))
    kept = _rules.get(key)
    if kept is None:
        if len(_rules) >= _KEPT:
            _rules.clear()
        kept = _rules[key] = (document, schema, _rule(document, schema))
    return kept[2]


def _rule(document: Document, schema: Any) -> Rule:
    if isinstance(schema, bool):
        return _always if schema else _never
    parts = [_RULES[word](document, schema) for word in schema if word in _RULES] if schema else []
    if not parts:
        return _always
    return _together(parts)


def _always(value: Any) -> Verdict:
    return True


def _never(value: Any) -> Verdict:
    return None if value is UNDRAWN else False


def _together(parts: Sequence[Rule]) -> Rule:
    def all_of(value: Any) -> Verdict:
        if value is UNDRAWN:
            return None
        verdict: Verdict = True
        for part in parts:
            found = part(value)
            if found is False:
                return False
            if found is None:
                verdict = None
        return verdict

    return all_of


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


def _reference(document: Document, schema: Mapping[str, Any]) -> Rule:
    # Asked for late, as a schema may refer to itself.
    target = resolve(document, {"$ref": schema["$ref"]})
    return lambda value: rule(document, target)(value)


def _type(document: Document, schema: Mapping[str, Any]) -> Rule:
    named = kinds(schema) or ()
    if len(named) == 1 and named[0] in _TYPES:
        wanted = _TYPES[named[0]]
        return lambda value: isinstance(value, wanted)
    return lambda value: any(is_of(kind, value) for kind in named)


def _enum(document: Document, schema: Mapping[str, Any]) -> Rule:
    words = frozenset(one for one in schema["enum"] if isinstance(one, str))
    others = [one for one in schema["enum"] if not isinstance(one, str)]
    return lambda value: value in words if isinstance(value, str) else any(same(value, one) for one in others)


def _const(document: Document, schema: Mapping[str, Any]) -> Rule:
    wanted = schema["const"]
    if isinstance(wanted, str):
        return lambda value: bool(value == wanted)
    return lambda value: same(value, wanted)


def _not(document: Document, schema: Mapping[str, Any]) -> Rule:
    asked = rule(document, schema["not"])
    return lambda value: opposite(asked(value))


def _all(document: Document, schema: Mapping[str, Any]) -> Rule:
    return _together([rule(document, part) for part in schema["allOf"]])


def _any(document: Document, schema: Mapping[str, Any]) -> Rule:
    parts = [rule(document, part) for part in schema["anyOf"]]
    return lambda value: some(part(value) for part in parts)


def _one(document: Document, schema: Mapping[str, Any]) -> Rule:
    parts = [rule(document, part) for part in schema["oneOf"]]

    def exactly(value: Any) -> Verdict:
        verdicts = [part(value) for part in parts]
        if verdicts.count(True) > 1 or verdicts.count(False) == len(verdicts):
            return False
        return None if None in verdicts else True

    return exactly


def _if(document: Document, schema: Mapping[str, Any]) -> Rule:
    asked, then, other = (rule(document, schema.get(word, True)) for word in ("if", "then", "else"))

    def either(value: Any) -> Verdict:
        found = asked(value)
        if found is not None:
            return then(value) if found else other(value)
        first = then(value)
        return first if first is other(value) else None

    return either


def _required(document: Document, schema: Mapping[str, Any]) -> Rule:
    names = tuple(schema["required"])

    def there(value: Any) -> Verdict:
        if not isinstance(value, dict):
            return True
        verdict: Verdict = True
        for name in names:
            if name not in value:
                return False
            if value[name] is UNDRAWN:
                verdict = None
        return verdict

    return there


def _properties(document: Document, schema: Mapping[str, Any]) -> Rule:
    parts = [(name, rule(document, part)) for name, part in schema["properties"].items()]
    parts = [(name, part) for name, part in parts if part is not _always]

    def held(value: Any) -> Verdict:
        if not isinstance(value, dict):
            return True
        verdict: Verdict = True
        for name, part in parts:
            if name in value:
                found = part(value[name])
                if found is False:
                    return False
                if found is None:
                    verdict = None
        return verdict

    return held


def _additional(document: Document, schema: Mapping[str, Any]) -> Rule:
    known = schema.get("properties", {}).keys()
    part = rule(document, schema["additionalProperties"])
    return lambda value: (
        not isinstance(value, dict) or every(part(value[name]) for name in value if name not in known)
    )


def _items(document: Document, schema: Mapping[str, Any]) -> Rule:
    part = rule(document, schema["items"])
    return lambda value: not isinstance(value, list) or every(part(item) for item in value)


def _contains(document: Document, schema: Mapping[str, Any]) -> Rule:
    part = rule(document, schema["contains"])
    low, high = schema.get("minContains", 1), schema.get("maxContains")

    def counted(value: Any) -> Verdict:
        if not isinstance(value, list):
            return True
        count = sum(part(item) is True for item in value)
        return bool(low <= count and (high is None or count <= high))

    return counted


def _pattern(document: Document, schema: Mapping[str, Any]) -> Rule:
    found = pattern(schema["pattern"]).search
    return lambda value: not isinstance(value, str) or found(value) is not None


def _size(kind: str, low: bool) -> Factory:
    name = f"{'min' if low else 'max'}{_SIZES[kind]}"

    def made(document: Document, schema: Mapping[str, Any]) -> Rule:
        limit = schema[name]

        def held(value: Any) -> Verdict:
            if not isinstance(value, _TYPES[kind]):
                return True
            sure, most = _counted(value)
            if low:
                return True if sure >= limit else (None if most >= limit else False)
            return False if sure > limit else (True if most <= limit else None)

        return held

    return made


def _counted(value: Any) -> tuple[int, int]:
    """How many parts there are for certain, and how many at most."""
    if isinstance(value, dict):
        return sum(part is not UNDRAWN for part in value.values()), len(value)
    return len(value), len(value)


def _bound(name: str, holds: Callable[[Any, Any], bool]) -> Factory:
    def made(document: Document, schema: Mapping[str, Any]) -> Rule:
        limit = schema[name]
        return lambda value: not is_number(value) or holds(value, limit)

    return made


_TYPES: Final[Mapping[str, type]] = {
    "string": str,
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}
_SIZES: Final = {"string": "Length", "array": "Items", "object": "Properties"}
_RULES: Final[Mapping[str, Factory]] = {
    "$ref": _reference,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "not": _not,
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _one,
    "if": _if,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "contains": _contains,
    "minimum": _bound("minimum", operator.ge),
    "maximum": _bound("maximum", operator.le),
    "exclusiveMinimum": _bound("exclusiveMinimum", operator.gt),
    "exclusiveMaximum": _bound("exclusiveMaximum", operator.lt),
    "multipleOf": _bound("multipleOf", lambda value, limit: value % limit == 0),
    "minLength": _size("string", True),
    "maxLength": _size("string", False),
    "minItems": _size("array", True),
    "maxItems": _size("array", False),
    "minProperties": _size("object", True),
    "maxProperties": _size("object", False),
    "pattern": _pattern,
}
