"""Names and numbers in the predicates of rules."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any, Final

Names = tuple[str, ...]
NumberRanges = tuple[tuple[int, float], ...]
"""Pairs of a first and a last number, both included."""

NAMES: Final = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    ]
}
_COUNT: Final = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
_DIGITS: Final = "[1-9][0-9]{0,8}"
_SPAN: Final = {"type": "string", "pattern": f"^({_DIGITS}(-{_DIGITS})?|>={_DIGITS})$"}
NUMBERS: Final = {
    "anyOf": [_COUNT, _SPAN, {"type": "array", "items": {"anyOf": [_COUNT, _SPAN]}, "minItems": 1}]
}
_NUMBER: Final = re.compile(f"({_DIGITS})(?:-({_DIGITS}))?|>=({_DIGITS})")


def read_names(value: Any) -> Names:
    """A name or a list of names. Raises ValueError for anything else."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not names:
        raise ValueError(f"give a name or a list of names, not {value!r}")
    if any(not isinstance(name, str) or not name for name in names):
        raise ValueError(f"give a name or a list of names, not {value!r}")
    return tuple(names)


def matches_name(names: Names, name: str) -> bool:
    """Whether one of the names matches; `*` in them stands for any characters."""
    return any(pattern == name or ("*" in pattern and fnmatchcase(name, pattern)) for pattern in names)


def read_numbers(value: Any) -> NumberRanges:
    """`3`, `"2-4"`, `">=3"` or a list of such. Raises ValueError for anything else."""
    if isinstance(value, (list, tuple)) and value:
        return tuple(chain.from_iterable(map(read_numbers, value)))
    match = _NUMBER.fullmatch(str(value))
    if match is None:
        raise ValueError(f'give a number from 1, "2-4", ">=3" or a list of such, not {value!r}')
    if match[3]:
        return ((int(match[3]), float("inf")),)
    first = int(match[1])
    last = int(match[2] or first)
    if last < first:
        raise ValueError(f"{value!r} goes down; write {last}-{first}")
    return ((first, last),)


def in_ranges(ranges: NumberRanges, number: int) -> bool:
    """Whether the number is in one of the ranges."""
    return any(first <= number <= last for first, last in ranges)
