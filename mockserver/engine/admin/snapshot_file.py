"""Reads a snapshot out of a file, part by part: at no time is more of it in memory than its largest part.

A snapshot is one JSON object: `{"version": 1, "tenant": ..., "jobs": [...], "documents": [...], "numbers":
{...}}`, its members in any order. The standard library's decoder reads one value at a place of a text, so
the file is read on until the value that begins there is whole.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

MOST_OF_PART: Final = 80 << 20
"""Characters of a part: a body of 64 MiB, the largest that is taken, with the rest of its job."""
BLOCK = 1 << 16
"""Bytes that are read at once at least."""
_STEP: Final = 4 << 20
"""Bytes that are read at once at most: few, as several copies of them exist for a moment."""
_NEAR: Final = 32
"""Characters from the end of a text within which a mistake may be only that the rest is not read yet."""
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_VALUE: Final = "value"
_SHAPES: Final = {"version": _VALUE, "tenant": _VALUE, "jobs": "[", "documents": "[", "numbers": "{"}
"""The members of a snapshot: a value, or how the list or object begins whose items come one by one."""
_WORDS: Final = {"[": "a list", "{": "an object"}


class SnapshotFile:
    """A snapshot that is read from `file`. Every method raises ValueError where it is none."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)

    def parts(self) -> Iterator[tuple[str, str, Any]]:
        """The member's name, the place and the value of every part, in the order of the file.

        A part of `numbers` is (name, number). Of what is missing, the end of the file is told.
        """
        self._expect("{", "a snapshot is a JSON object")
        missing = dict(_SHAPES)
        for name in self._keys():
            if name not in _SHAPES:
                raise ValueError(f"{name[:60]!a} is not known; a snapshot has {', '.join(_SHAPES)}")
            if missing.pop(name, None) is None:
                raise ValueError(f"{name} is there twice")
            yield from self._parts_of(name)
        if self._peek():
            raise ValueError("something follows after the end of the snapshot")
        if missing:
            raise ValueError(f"{next(iter(missing))} is missing")

    def _parts_of(self, name: str) -> Iterator[tuple[str, str, Any]]:
        shape = _SHAPES[name]
        if shape == _VALUE:
            yield name, name, self._value(name)
            return
        self._expect(shape, f"{name}: it is not {_WORDS[shape]}")
        if shape == "[":
            yield from ((name, place, value) for place, value in self._elements(name))
            return
        for key in self._keys():
            place = f"{name}.{key[:60]}"
            yield name, place, (key, self._value(place))

    def _elements(self, name: str) -> Iterator[tuple[str, Any]]:
        if self._skip("]"):
            return
        number = 0
        while True:
            place = f"{name}[{number}]"
            yield place, self._value(place)
            number += 1
            if self._skip("]"):
                return
            self._expect(",", f"{name}[{number}]: a comma or ] is missing")

    def _keys(self) -> Iterator[str]:
        """The keys of an object whose brace has been read; the caller reads the value of each."""
        if self._skip("}"):
            return
        while True:
            key = self._value("a name")
            if not isinstance(key, str):
                raise ValueError("the name of a member is no text")
            self._expect(":", f"{key[:60]!a}: a colon is missing")
            yield key
            if self._skip("}"):
                return
            self._expect(",", f"{key[:60]!a}: a comma or }} is missing")

    def _value(self, place: str) -> Any:
        """The value that comes next, which is read until it is whole."""
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_go_on(error) or not self._read_on():
                    raise ValueError(f"{place}: {error.msg}") from None
            except RecursionError:
                raise ValueError(f"{place}: it is nested too deeply") from None
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from None
            else:
                # A number at the very end may have more digits.
                if end < len(self._text) or not self._read_on():
                    self._at = end
                    self._forget_read()
                    return value

    def _forget_read(self) -> None:
        """Keep no large part that has been read beside its value."""
        if self._at > _STEP:
            self._text, self._at = self._text[self._at :], 0

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether the mistake may be only that the rest is not read yet."""
        return error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _NEAR

    def _peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_on():
                return ""

    def _skip(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._at += 1
        return True

    def _expect(self, character: str, message: str) -> None:
        if not self._skip(character):
            raise ValueError(message)

    def _read_on(self) -> bool:
        """Read as much again as is waiting, up to a step; False at the end of the file."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        if len(rest) > MOST_OF_PART:
            raise ValueError(f"a part of it has more than {MOST_OF_PART} characters")
        try:
            block = self._file.read(max(BLOCK, min(_STEP, len(rest))))
            self._ended = not block
            self._text = rest + self._decode(block, self._ended)
        except UnicodeDecodeError as error:
            raise ValueError(f"it is not UTF-8: {error.reason}") from None
        self._at = 0
        return bool(block)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:60]} is too large")
    return value


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON")
