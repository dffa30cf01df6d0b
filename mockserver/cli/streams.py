"""Standard output and error of the command line: whatever is written to them goes through `escapes.plain`.

`install` puts a PlainStream in the place of both. So nothing that a command prints reaches a terminal as it
came: not an answer, an error of the command line, a warning, a log line, nor a traceback. What has colours or
moves the cursor is written by `console.console`, which lets its own codes through and no others.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO, cast

from mockserver.escapes import escaped, plain

_ESCAPES: Final = "mockserver.escapes"
"""The name of the error handler that writes what an encoding lacks as escapes, so that JSON stays JSON."""


class PlainStream:
    """A text stream that writes every text as `plain` shows it; all else is as in `raw`.

    It has no `buffer`, so that nobody goes around it.
    """

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    def write(self, text: str) -> int:
        """Write the text; return its length in characters."""
        self.raw.write(plain(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of them."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self.raw, name)


def install() -> None:
    """Put a PlainStream in the place of standard output and error; a second time does nothing."""
    codecs.register_error(_ESCAPES, _escape_what_is_lacking)
    sys.stdout = _plain_stream(sys.stdout)
    sys.stderr = _plain_stream(sys.stderr)


def raw(stream: Any) -> TextIO:
    """The stream below a PlainStream, or the stream itself: for who writes codes of their own."""
    below: TextIO = stream.raw if isinstance(stream, PlainStream) else stream
    return below


def write_below(stream: TextIO, text: str) -> None:
    """Write a text with codes of our own to the file of a raw stream, for a thread that may never end.

    It goes around the stream's lock: held by that thread, it would hinder the end of the process.
    """
    content = memoryview(text.encode(stream.encoding, stream.errors or _ESCAPES))
    while content:
        content = content[os.write(stream.fileno(), content) :]


def _plain_stream(stream: TextIO) -> TextIO:
    if stream is not raw(stream):
        return stream
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_ESCAPES)
    return cast(TextIO, PlainStream(stream))


def _escape_what_is_lacking(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return escaped(error.object[error.start : error.end]), error.end
