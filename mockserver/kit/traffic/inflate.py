"""Compressed bodies, inflated piece by piece up to a limit: a bomb costs no more than that."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, Final, NamedTuple, Protocol

MOST_CODINGS: Final = 4
"""Codings on top of each other that are read; servers use one."""
_MAX_WINDOW: Final = 8 * 1024 * 1024
"""Bytes that a zstd stream may look back, as RFC 9659 has it for content codings."""
_PIECE: Final = 64 * 1024
"""Bytes that a decoder gives out at once, or more by a block."""
_ZSTD_PART: Final = 256
"""Bytes of zstd that are read at once: its blocks of three bytes become 128 KiB each."""
_ANY_HEADER: Final = 47
"""zlib's word for gzip or zlib, whichever the first bytes say."""
_NO_HEADER: Final = -15
"""zlib's word for deflate without a header, as some servers send it."""


class Inflated(NamedTuple):
    """The `content`, as long as the limit at most; `more` says that it goes on, `ended` that it is whole."""

    content: bytes
    more: bool
    ended: bool


class NotOfThatCoding(ValueError):
    """The bytes are not of the coding that they are said to be of."""


class _Decoder(Protocol):
    """Decodes one stream. `ended` says that its end was read."""

    ended: bool

    def pieces(self, part: bytes) -> Iterator[bytes]:
        """What a part inflates to, in pieces. Raises an error of its library."""
        ...


def inflate(parts: Iterable[bytes], coding: str, limit: int) -> Inflated:
    """The body in `parts`, of codings that `is_known` or, for the empty coding, as it is.

    Reads no further part once `limit` bytes are there. Raises NotOfThatCoding.
    """
    decoders = []
    for name in reversed(_names(coding)):
        decoders.append(_DECODERS[name]())
        parts = _decoded(parts, decoders[-1], name)
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > limit:
            return Inflated(bytes(content[:limit]), more=True, ended=False)
    return Inflated(bytes(content), more=False, ended=all(decoder.ended for decoder in decoders))


def is_known(coding: str) -> bool:
    """Whether a Content-Encoding, with one coding or several, can be read."""
    names = _names(coding)
    return len(names) <= MOST_CODINGS and all(name in _DECODERS for name in names)


def _names(coding: str) -> list[str]:
    """The codings of a header in the order in which they were applied, without those that change nothing."""
    names = (name.strip().lower() for name in coding.split(","))
    return [name for name in names if name not in ("", "identity")]


def _decoded(parts: Iterable[bytes], decoder: _Decoder, name: str) -> Iterator[bytes]:
    for part in parts:
        if decoder.ended:
            return
        pieces = decoder.pieces(part)
        while True:
            try:
                piece = next(pieces, None)
            except Exception as error:  # each library has an error of its own
                raise NotOfThatCoding(f"{name}: {error}") from None
            if piece is None:
                break
            yield piece


class _Zlib:
    """gzip, zlib, or deflate without a header; gzip may have several members."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=_ANY_HEADER)
        self._begun = self.ended = False
        self._head = b""

    def pieces(self, part: bytes) -> Iterator[bytes]:
        part = self._head + part
        # Two bytes tell whether there is a header; of one alone, zlib says nothing and keeps it.
        self._head = b"" if self._begun or len(part) > 1 else part
        part = b"" if self._head else part
        while part:
            yield self._inflate(part)
            part = self._decoder.unconsumed_tail
            if self._decoder.eof:
                part = self._decoder.unused_data
                if not part.startswith(b"\x1f\x8b"):
                    break
                self._decoder = zlib.decompressobj(wbits=_ANY_HEADER)
        self.ended = self._decoder.eof

    def _inflate(self, part: bytes) -> bytes:
        try:
            piece = self._decoder.decompress(part, _PIECE)
        except zlib.error:
            if self._begun:
                raise
            self._decoder = zlib.decompressobj(wbits=_NO_HEADER)
            piece = self._decoder.decompress(part, _PIECE)
        self._begun = True
        return piece


class _Brotli:
    def __init__(self) -> None:
        self._decoder: Any = import_module("brotli").Decompressor()
        self.ended = False

    def pieces(self, part: bytes) -> Iterator[bytes]:
        yield self._decoder.process(part, output_buffer_limit=_PIECE)
        while not self._decoder.can_accept_more_data():
            yield self._decoder.process(b"", output_buffer_limit=_PIECE)
        self.ended = self._decoder.is_finished()


class _Zstd:
    """zstd, which may have several frames."""

    def __init__(self) -> None:
        self._context: Any = import_module("zstandard").ZstdDecompressor(max_window_size=_MAX_WINDOW)
        self._decoder = self._context.decompressobj()
        self.ended = False

    def pieces(self, part: bytes) -> Iterator[bytes]:
        for at in range(0, len(part), _ZSTD_PART):
            rest = part[at : at + _ZSTD_PART]
            while rest:
                if self._decoder.eof:
                    self._decoder = self._context.decompressobj()
                yield self._decoder.decompress(rest)
                rest = self._decoder.unused_data if self._decoder.eof else b""
        self.ended = self._decoder.eof


_DECODERS: Final[dict[str, Callable[[], _Decoder]]] = {
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Zlib,
    "br": _Brotli,
    "zstd": _Zstd,
}
