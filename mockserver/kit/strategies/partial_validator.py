"""Whether a value that is drawn in parts can still satisfy a schema: yes, no, or not known yet.

A generator asks this after each part, so that it never builds what a validator would throw away.
The contract's own validator has the last word on what is made.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from mockserver.contract.source import resolve
from mockserver.kit.strategies.verdicts import (
    PENDING,
    TYPES,
    Verdict,
    every,
    is_number,
    is_of,
    kinds,
    opposite,
    pattern,
    same,
    some,
)

Document = Mapping[str, Any]
Rule = Callable[[Any], Verdict]
Factory = Callable[[Mapping[str, Any], Mapping[str, Any]], Rule]
_KEPT: Final = 16384


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
    return None if value is PENDING else False


def _together(parts: Sequence[Rule]) -> Rule:
    def all_of(value: Any) -> Verdict:
        if value is PENDING:
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


def _reference(document: Document, schema: Mapping[str, Any]) -> Rule:
    # Asked for late, as a schema may refer to itself.
    target = resolve(document, {"$ref": schema["$ref"]})
    return lambda value: rule(document, target)(value)


def _type(document: Document, schema: Mapping[str, Any]) -> Rule:
    named = kinds(schema) or ()
    if len(named) == 1 and named[0] in TYPES:
        wanted = TYPES[named[0]]
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
            if value[name] is PENDING:
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
            if not isinstance(value, TYPES[kind]):
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
        return sum(part is not PENDING for part in value.values()), len(value)
    return len(value), len(value)


def _bound(name: str, holds: Callable[[Any, Any], bool]) -> Factory:
    def made(document: Document, schema: Mapping[str, Any]) -> Rule:
        limit = schema[name]
        return lambda value: not is_number(value) or holds(value, limit)

    return made


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
