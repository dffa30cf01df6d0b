"""Verdicts on a value that is drawn in parts: yes, no, or not known yet; and JSON's own equality."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

Verdict = bool | None
Document = Mapping[str, Any]
Rule = Callable[[Any], Verdict]
Factory = Callable[[Document, Mapping[str, Any]], Rule]
"""Makes the rule of one keyword, from the document and the schema that has the keyword."""
TYPES: Final[Mapping[str, type]] = {
    "string": str,
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


class Pending:
    """The type of PENDING."""

    def __repr__(self) -> str:
        return "PENDING"


PENDING: Final = Pending()
"""Stands for a property that may still be drawn or left out."""


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """False if any verdict is, else None if any is, else True."""
    unsure = False
    for verdict in verdicts:
        if verdict is False:
            return False
        unsure = unsure or verdict is None
    return None if unsure else True


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """True if any verdict is, else None if any is, else False."""
    return opposite(every(opposite(verdict) for verdict in verdicts))


def opposite(verdict: Verdict) -> Verdict:
    """The verdict of `not`."""
    return None if verdict is None else not verdict


def same(value: Any, whole: Any) -> Verdict:
    """Whether a value equals a whole one as JSON, where 1 is 1.0, and true is not 1; None while PENDING
    decides it.
    """
    if value is PENDING:
        return None
    if isinstance(value, bool) or isinstance(whole, bool):
        return value is whole
    if isinstance(value, dict) and isinstance(whole, dict):
        return every(_same_member(name, value, whole) for name in value.keys() | whole.keys())
    if isinstance(value, list) and isinstance(whole, list):
        return len(value) == len(whole) and every(map(same, value, whole))
    return bool(value == whole)


def _same_member(name: str, value: dict[str, Any], whole: dict[str, Any]) -> Verdict:
    if name in value and name in whole:
        return same(value[name], whole[name])
    # What is pending may be left out.
    return None if value.get(name) is PENDING else False


def is_of(kind: str, value: Any) -> bool:
    """Whether a JSON value is of a JSON Schema type."""
    if kind == "integer":
        return is_number(value) and value == int(value)
    if kind == "number":
        return is_number(value)
    return isinstance(value, TYPES[kind])


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; a boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def kinds(schema: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The types that a schema names, None for any."""
    named = schema.get("type")
    if named is None:
        return None
    return (named,) if isinstance(named, str) else tuple(named)


@lru_cache(maxsize=512)
def pattern(text: str) -> re.Pattern[str]:
    """A JSON Schema pattern, in which `$` is the very end."""
    if text.endswith("$") and not text.endswith("\\$"):
        text = f"{text[:-1]}\\Z"
    return re.compile(text)
