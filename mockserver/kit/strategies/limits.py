"""Rules for the keywords that limit a size or a number, for values that are drawn in parts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.kit.strategies.verdicts import PENDING, TYPES, Document, Factory, Rule, Verdict, is_number


def _least(word: str, kind: str) -> Factory:
    """A lower limit of a size: certain once so many parts are there."""

    def factory(document: Document, schema: Mapping[str, Any]) -> Rule:
        limit = schema[word]

        def holds(value: Any) -> Verdict:
            if not isinstance(value, TYPES[kind]):
                return True
            certain, possible = _counted(value)
            if certain >= limit:
                return True
            return None if possible >= limit else False

        return holds

    return factory


def _most(word: str, kind: str) -> Factory:
    """An upper limit of a size: certain once no more than that can come."""

    def factory(document: Document, schema: Mapping[str, Any]) -> Rule:
        limit = schema[word]

        def holds(value: Any) -> Verdict:
            if not isinstance(value, TYPES[kind]):
                return True
            certain, possible = _counted(value)
            if certain > limit:
                return False
            return True if possible <= limit else None

        return holds

    return factory


def _counted(value: Any) -> tuple[int, int]:
    """How many parts are there for certain, and how many there can be."""
    if isinstance(value, dict):
        return sum(part is not PENDING for part in value.values()), len(value)
    return len(value), len(value)


def _bound(name: str, holds: Callable[[Any, Any], bool]) -> Factory:
    def factory(document: Document, schema: Mapping[str, Any]) -> Rule:
        limit = schema[name]
        return lambda value: not is_number(value) or holds(value, limit)

    return factory


LIMITS: Final[Mapping[str, Factory]] = {
    "minimum": _bound("minimum", operator.ge),
    "maximum": _bound("maximum", operator.le),
    "exclusiveMinimum": _bound("exclusiveMinimum", operator.gt),
    "exclusiveMaximum": _bound("exclusiveMaximum", operator.lt),
    "multipleOf": _bound("multipleOf", lambda value, limit: value % limit == 0),
    "minLength": _least("minLength", "string"),
    "maxLength": _most("maxLength", "string"),
    "minItems": _least("minItems", "array"),
    "maxItems": _most("maxItems", "array"),
    "minProperties": _least("minProperties", "object"),
    "maxProperties": _most("maxProperties", "object"),
}
