"""Names and numbers as rules give them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any, Final

Names = tuple[str, ...]
Spans = tuple[tuple[int, float], ...]
"""Each from a first number to a last one, both included."""

NAMES: Final = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    ]
}
_COUNT: Final = {"type": "integer", "minimum": 1}
_SPAN: Final = {"type": "string", "pattern": r"^([1-9][0-9]*(-[1-9][0-9]*)?|>=[1-9][0-9]*)$"}
NUMBERS: Final = {
    "anyOf": [_COUNT, _SPAN, {"type": "array", "items": {"anyOf": [_COUNT, _SPAN]}, "minItems": 1}]
}
_NUMBER: Final = re.compile(r"([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?|>=([1-9][0-9]{0,8})")


def read_names(value: Any) -> Names:
    """A name or a list of names. Raises ValueError for anything else."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not names:
        raise ValueError(f"give a name or a list of names, not {value!r}")
    if any(not isinstance(name, str) or not name for name in names):
        raise ValueError(f"give a name or a list of names, not {value!r}")
    return tuple(names)


def named(names: Names, name: str) -> bool:
    """Whether one of the names is this one; `*` in them stands for any characters."""
    return any(one == name or ("*" in one and fnmatchcase(name, one)) for one in names)


def read_numbers(value: Any) -> Spans:
    """`3`, `"2-4"`, `">=3"` or a list of such. Raises ValueError for anything else."""
    if isinstance(value, (list, tuple)) and value:
        return tuple(span for one in value for span in read_numbers(one))
    found = None if isinstance(value, (bool, float)) else _NUMBER.fullmatch(str(value))
    if found is None:
        raise ValueError(f'give a number from 1, "2-4", ">=3" or a list of such, not {value!r}')
    if found[3]:
        return ((int(found[3]), float("inf")),)
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise ValueError(f"{value!r} goes down; write {last}-{first}")
    return ((first, last),)


def counted(spans: Spans, number: int) -> bool:
    """Whether the number is in one of the spans."""
    return any(first <= number <= last for first, last in spans)
