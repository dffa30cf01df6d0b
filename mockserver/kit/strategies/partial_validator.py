"""Validates a value that is drawn in parts: it satisfies a schema, it cannot any more, or that is still open.

A generator asks after each part, so that it never builds what a validator would reject. The contract's own
validator has the last word on the finished value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockserver.contract.source import resolve
from mockserver.kit.strategies.identity_cache import cached_by_identity
from mockserver.kit.strategies.limits import LIMITS
from mockserver.kit.strategies.verdicts import (
    PENDING,
    TYPES,
    Document,
    Factory,
    Rule,
    Verdict,
    every,
    is_of,
    kinds,
    opposite,
    pattern,
    same,
    some,
)


def validate_partial(document: Document, schema: Any, value: Any) -> Verdict:
    """True or False if the schema's verdict is certain whatever is drawn for PENDING, else None.

    Formats and `x-image` are not checked: both hold.
    """
    return compiled(document, schema)(value)


@cached_by_identity
def compiled(document: Document, schema: Any) -> Rule:
    """`validate_partial` for one schema."""
    # Three-valued logic (Kleene's): each keyword becomes a function that returns True, False or None, and
    # keywords combine so that None remains only where an open part can still decide. So False means that no
    # continuation is valid, and the generator goes back one step instead of drawing to the end in vain.
    if isinstance(schema, bool):
        return _always if schema else _never
    rules = [_RULES[word](document, schema) for word in schema if word in _RULES]
    if not rules:
        return _always
    return _all_of(rules)


def _always(value: Any) -> Verdict:
    return True


def _never(value: Any) -> Verdict:
    return None if value is PENDING else False


def _all_of(rules: Sequence[Rule]) -> Rule:
    def holds(value: Any) -> Verdict:
        if value is PENDING:
            return None
        verdict: Verdict = True
        for rule in rules:
            partial = rule(value)
            if partial is False:
                return False
            if partial is None:
                verdict = None
        return verdict

    return holds


def _reference(document: Document, schema: Mapping[str, Any]) -> Rule:
    # Compiled at the first value, because a schema may refer to itself.
    target = resolve(document, {"$ref": schema["$ref"]})
    return lambda value: compiled(document, target)(value)


def _type(document: Document, schema: Mapping[str, Any]) -> Rule:
    named = kinds(schema) or ()
    if len(named) == 1 and named[0] in TYPES:
        wanted = TYPES[named[0]]
        return lambda value: isinstance(value, wanted)
    return lambda value: any(is_of(kind, value) for kind in named)


def _enum(document: Document, schema: Mapping[str, Any]) -> Rule:
    texts = frozenset(member for member in schema["enum"] if isinstance(member, str))
    others = [member for member in schema["enum"] if not isinstance(member, str)]

    def is_listed(value: Any) -> Verdict:
        if isinstance(value, str):
            return value in texts
        return some(same(value, member) for member in others)

    return is_listed


def _const(document: Document, schema: Mapping[str, Any]) -> Rule:
    wanted = schema["const"]
    if isinstance(wanted, str):
        return lambda value: bool(value == wanted)
    return lambda value: same(value, wanted)


def _not(document: Document, schema: Mapping[str, Any]) -> Rule:
    rule = compiled(document, schema["not"])
    return lambda value: opposite(rule(value))


def _all(document: Document, schema: Mapping[str, Any]) -> Rule:
    return _all_of([compiled(document, part) for part in schema["allOf"]])


def _any(document: Document, schema: Mapping[str, Any]) -> Rule:
    rules = [compiled(document, part) for part in schema["anyOf"]]
    return lambda value: some(rule(value) for rule in rules)


def _exactly_one(document: Document, schema: Mapping[str, Any]) -> Rule:
    rules = [compiled(document, part) for part in schema["oneOf"]]

    def holds(value: Any) -> Verdict:
        verdicts = [rule(value) for rule in rules]
        if verdicts.count(True) > 1 or verdicts.count(False) == len(verdicts):
            return False
        return None if None in verdicts else True

    return holds


def _if(document: Document, schema: Mapping[str, Any]) -> Rule:
    condition, then, other = (compiled(document, schema.get(word, True)) for word in ("if", "then", "else"))

    def holds(value: Any) -> Verdict:
        condition_holds = condition(value)
        if condition_holds is True:
            return then(value)
        if condition_holds is False:
            return other(value)
        # With the condition open, the verdict is certain only if both branches agree.
        verdict = then(value)
        return verdict if verdict is other(value) else None

    return holds


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
    rules = [(name, compiled(document, part)) for name, part in schema["properties"].items()]
    rules = [(name, rule) for name, rule in rules if rule is not _always]

    def holds(value: Any) -> Verdict:
        if not isinstance(value, dict):
            return True
        verdict: Verdict = True
        for name, rule in rules:
            if name in value:
                partial = rule(value[name])
                if partial is False:
                    return False
                if partial is None:
                    verdict = None
        return verdict

    return holds


def _additional(document: Document, schema: Mapping[str, Any]) -> Rule:
    known = schema.get("properties", {}).keys()
    rule = compiled(document, schema["additionalProperties"])
    return lambda value: (
        not isinstance(value, dict) or every(rule(value[name]) for name in value if name not in known)
    )


def _items(document: Document, schema: Mapping[str, Any]) -> Rule:
    rule = compiled(document, schema["items"])
    return lambda value: not isinstance(value, list) or every(rule(member) for member in value)


def _contains(document: Document, schema: Mapping[str, Any]) -> Rule:
    rule = compiled(document, schema["contains"])
    low, high = schema.get("minContains", 1), schema.get("maxContains")

    def holds(value: Any) -> Verdict:
        if not isinstance(value, list):
            return True
        count = sum(rule(member) is True for member in value)
        return bool(low <= count and (high is None or count <= high))

    return holds


def _pattern(document: Document, schema: Mapping[str, Any]) -> Rule:
    search = pattern(schema["pattern"]).search
    return lambda value: not isinstance(value, str) or search(value) is not None


_RULES: Final[Mapping[str, Factory]] = {
    "$ref": _reference,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "not": _not,
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _exactly_one,
    "if": _if,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "contains": _contains,
    "pattern": _pattern,
    **LIMITS,
}
