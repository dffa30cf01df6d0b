"""Line and column of a value in a JSON file, by its JSON pointer.

The standard decoder does not report positions, so this module scans the text along the pointer. It uses that
decoder to skip every other value, so that both agree on what JSON is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


class FilePosition(NamedTuple):
    """A position in a file. Line and column count from 1; `depth` parts of the pointer exist."""

    line: int
    column: int
    depth: int


def locate(text: str, path: Sequence[str]) -> FilePosition:
    """The position of the value at `path`, or of the innermost value around it that exists.

    The position of an object's member is that of its name. Raises ValueError where the text is not JSON.
    """
    value = _skip_blanks(text, 0)
    shown = value
    for depth, part in enumerate(path):
        child = _child(text, value, part)
        if child is None:
            return _position(text, shown, depth)
        shown, value = child
    return _position(text, shown, len(path))


def _position(text: str, at: int, depth: int) -> FilePosition:
    return FilePosition(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), depth)


def _skip_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    assert blanks is not None
    return blanks.end()


def _child(text: str, at: int, part: str) -> tuple[int, int] | None:
    """The offsets of the child of the value at `at`, and of the child's value."""
    if text.startswith("{", at):
        return _member(text, at, part)
    if text.startswith("[", at):
        return _element(text, at, part)
    return None


def _member(text: str, at: int, name: str) -> tuple[int, int] | None:
    """The last member of that name, because the decoder keeps the last."""
    member = None
    at = _skip_blanks(text, at + 1)
    while not text.startswith("}", at):
        key, after = _DECODER.raw_decode(text, at)
        value = _skip_blanks(text, _skip_blanks(text, after) + 1)
        if key == name:
            member = at, value
        at = _next(text, value)
    return member


def _element(text: str, at: int, part: str) -> tuple[int, int] | None:
    if not part.isdecimal():
        return None
    left = int(part)
    at = _skip_blanks(text, at + 1)
    while not text.startswith("]", at):
        if left == 0:
            return at, at
        left -= 1
        at = _next(text, at)
    return None


def _next(text: str, at: int) -> int:
    """The offset of what follows the value at `at`: the next value, or the closing bracket."""
    _, after = _DECODER.raw_decode(text, at)
    after = _skip_blanks(text, after)
    if text.startswith(",", after):
        return _skip_blanks(text, after + 1)
    return after
