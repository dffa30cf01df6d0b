"""Where in a JSON file a value stands: JSON pointer to line and column.

A small scanner of our own, since the standard decoder forgets places; it leans on that decoder to step over
what the pointer does not name, so that both agree on what JSON is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


class Spot(NamedTuple):
    """A place in a file, line and column counted from 1; `depth` parts of the pointer were found."""

    line: int
    column: int
    depth: int


def spot(text: str, path: Sequence[str]) -> Spot:
    """Where the value at `path` stands, or the innermost value around it that is there.

    A member of an object stands at its name. Raises ValueError where the text is no JSON.
    """
    value = _blank(text, 0)
    shown = value
    for depth, part in enumerate(path):
        found = _child(text, value, part)
        if found is None:
            return _spot(text, shown, depth)
        shown, value = found
    return _spot(text, shown, len(path))


def _spot(text: str, at: int, depth: int) -> Spot:
    return Spot(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), depth)


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _child(text: str, at: int, part: str) -> tuple[int, int] | None:
    """Where the child of the value at `at` is shown and where its value begins."""
    if text.startswith("{", at):
        return _member(text, at, part)
    if text.startswith("[", at):
        return _item(text, at, int(part)) if part.isdecimal() else None
    return None


def _member(text: str, at: int, name: str) -> tuple[int, int] | None:
    """The last member of that name, as the decoder takes the last."""
    found = None
    at = _blank(text, at + 1)
    while not text.startswith("}", at):
        key, after = _DECODER.raw_decode(text, at)
        value = _blank(text, _blank(text, after) + 1)
        if key == name:
            found = at, value
        at = _next(text, value)
    return found


def _item(text: str, at: int, index: int) -> tuple[int, int] | None:
    at = _blank(text, at + 1)
    while not text.startswith("]", at):
        if index == 0:
            return at, at
        index -= 1
        at = _next(text, at)
    return None


def _next(text: str, at: int) -> int:
    """Where what follows the value at `at` begins: another one, or the end of what it is in."""
    _, after = _DECODER.raw_decode(text, at)
    after = _blank(text, after)
    return _blank(text, after + 1) if text.startswith(",", after) else after
