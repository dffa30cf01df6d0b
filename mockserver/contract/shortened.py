"""A value with its long texts cut, for whoever makes copies of it.

An explanation holds the value at each violation and those around it, so a body of 60 MB would be copied
dozens of times: seconds and gigabytes for one refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

_LONGEST: Final = 64 * 1024
"""Characters that a text keeps: contracts limit texts to some thousands, so cut ones are too long as well."""
_LONGEST_IN_ALL: Final = 1024 * 1024
"""Characters that all long texts of a value keep together."""
_LONGEST_NAME: Final = 200
"""Characters that a key keeps, and a text when the others have used up what all may keep."""

_OF_ANY_LENGTH: Final = (str, list, dict)


class Shortener:
    """Cuts texts, and knows what was cut: no two texts that it cut are alike."""

    def __init__(self) -> None:
        self._originals: dict[str, str] = {}
        self._left = _LONGEST_IN_ALL

    def shorten(self, value: Any) -> Any:
        """The value itself where nothing in it is long, else a copy with long texts and keys cut."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.shorten(item) for item in value]
        if isinstance(value, dict):
            return {
                self._name(key): self.shorten(item) if isinstance(item, _OF_ANY_LENGTH) else item
                for key, item in value.items()
            }
        return value

    def original(self, value: Any) -> Any:
        """The text that was cut to `value`, else `value`."""
        if isinstance(value, str) and len(value) >= _LONGEST_NAME:
            return self._originals.get(value, value)
        return value

    def _text(self, text: str) -> str:
        if len(text) <= _LONGEST_NAME:
            return text
        room = min(_LONGEST, self._left)
        if len(text) <= room:
            self._left -= len(text)
            return text
        return self._cut(text, max(room, _LONGEST_NAME))

    def _name(self, name: str) -> str:
        return name if len(name) <= _LONGEST_NAME else self._cut(name, _LONGEST_NAME)

    def _cut(self, text: str, length: int) -> str:
        """So many characters, and one more for each text that was cut before, as those may begin alike."""
        self._left -= length
        length += len(self._originals)
        while self._originals.setdefault(text[:length], text) is not text:
            length += 1
        return text[:length]


_at_work: Final[ContextVar[Shortener | None]] = ContextVar("shortener", default=None)


@contextmanager
def shortening() -> Iterator[Shortener]:
    """A shortener whose cut texts `original_text` knows until the block ends."""
    shortener = Shortener()
    token = _at_work.set(shortener)
    try:
        yield shortener
    finally:
        _at_work.reset(token)


def original_text(text: str) -> str:
    """The text that the shortener at work cut to `text`, else `text`."""
    shortener = _at_work.get()
    if shortener is None:
        return text
    return str(shortener.original(text))
