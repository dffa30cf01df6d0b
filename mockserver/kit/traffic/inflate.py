"""Compressed bodies, inflated piece by piece up to a limit: a bomb costs no more than that."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
"""Content codings that are read; a body in another one is not judged."""
_ANY_HEADER: Final = 47
"""zlib's word for gzip or zlib, whichever the first bytes say."""
_NO_HEADER: Final = -15
"""zlib's word for deflate without a header, as some servers send it."""


class Inflated(NamedTuple):
    """The `content`, as long as the limit at most; `more` says that it goes on, `ended` that it is whole."""

    content: bytes
    more: bool
    ended: bool


def inflate(parts: Iterable[bytes], coding: str, limit: int) -> Inflated:
    """The body in `parts`, of a coding in CODINGS or, for the empty coding, as it is.

    Reads no further part once `limit` bytes are there. Raises zlib.error for what is not of that coding.
    """
    content, ended = bytearray(), not coding
    stream = _Stream() if coding else None
    for part in parts:
        for piece in stream.pieces(part, limit + 1) if stream else (part,):
            content += piece
            if len(content) > limit:
                return Inflated(bytes(content[:limit]), more=True, ended=False)
        if stream is not None and stream.ended:
            ended = True
            break
    return Inflated(bytes(content), more=False, ended=ended)


class _Stream:
    """A stream that is inflated."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=_ANY_HEADER)
        self._begun = False

    @property
    def ended(self) -> bool:
        """Whether the end of the stream was read."""
        return self._decoder.eof

    def pieces(self, part: bytes, most: int) -> Iterator[bytes]:
        """What a part inflates to, in pieces of at most `most` bytes. Raises zlib.error."""
        while part and not self._decoder.eof:
            yield self._inflate(part, most)
            part = self._decoder.unconsumed_tail

    def _inflate(self, part: bytes, most: int) -> bytes:
        try:
            piece = self._decoder.decompress(part, most)
        except zlib.error:
            if self._begun:
                raise
            self._decoder = zlib.decompressobj(wbits=_NO_HEADER)
            piece = self._decoder.decompress(part, most)
        self._begun = True
        return piece
