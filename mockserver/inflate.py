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
_SLICE: Final = 64 * 1024
"""Compressed bytes that a decoder gets at once, as it copies what it has not read yet."""
MOST_MEMBERS: Final = 10_000
"""Members of gzip or frames of zstd in a body: bgzip makes one for each 64 KiB, and empty ones cost time."""
_GZIP: Final = b"\x1f\x8b"
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
    """Decodes one stream."""

    @property
    def ended(self) -> bool:
        """Whether its end was read."""
        ...

    def pieces(self, part: bytes) -> Iterator[bytes]:
        """What a part inflates to, in pieces. Raises an error of its library."""
        ...


class Inflater:
    """Undoes a Content-Encoding part by part, of codings that `is_known` or, for the empty one, none.

    What lies between two codings may have twice `limit` bytes, so that no stack of them takes long.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._stages = [(name, _DECODERS[name]()) for name in reversed(codings(coding))]
        self._left = [2 * limit] * len(self._stages)
        self.too_large = False
        """Whether it went on for longer than that; the pieces end there."""

    @property
    def ended(self) -> bool:
        """Whether the ends of all codings were read."""
        return all(decoder.ended for _, decoder in self._stages)

    def pieces(self, part: bytes | bytearray | memoryview) -> Iterator[bytes]:
        """What a part inflates to, in pieces of about 64 KiB. Raises NotOfThatCoding."""
        view = memoryview(part)
        for at in range(0, len(view), _SLICE):
            yield from self._undo(bytes(view[at : at + _SLICE]), 0)
            if self.too_large:
                return

    def _undo(self, part: bytes, stage: int) -> Iterator[bytes]:
        if stage == len(self._stages):
            yield part
            return
        name, decoder = self._stages[stage]
        pieces = decoder.pieces(part)
        while not self.too_large and (piece := _next(pieces, name)) is not None:
            self._left[stage] -= len(piece)
            self.too_large = self._left[stage] < 0 and stage + 1 < len(self._stages)
            yield from self._undo(piece, stage + 1)


def _next(pieces: Iterator[bytes], name: str) -> bytes | None:
    try:
        return next(pieces, None)
    except Exception as error:  # each library has an error of its own
        raise NotOfThatCoding(f"{name}: {error}") from None


def inflate(parts: Iterable[bytes | bytearray], coding: str, limit: int) -> Inflated:
    """The body in `parts`, of codings that `is_known` or, for the empty coding, as it is.

    Reads no further part once `limit` bytes are there. Raises NotOfThatCoding.
    """
    inflater = Inflater(coding, limit)
    content = bytearray()
    for part in parts:
        for piece in inflater.pieces(part):
            content += piece
            if len(content) > limit:
                del content[limit:]
                return Inflated(bytes(content), more=True, ended=False)
        if inflater.too_large:
            return Inflated(bytes(content), more=True, ended=False)
    return Inflated(bytes(content), more=False, ended=inflater.ended)


def is_known(coding: str) -> bool:
    """Whether a Content-Encoding, with one coding or several, can be read."""
    names = codings(coding)
    return len(names) <= MOST_CODINGS and all(name in _DECODERS for name in names)


def codings(coding: str) -> list[str]:
    """The codings of a header in the order in which they were applied, without those that change nothing."""
    names = (name.strip().lower() for name in coding.split(","))
    return [name for name in names if name not in ("", "identity")]


class _Zlib:
    """gzip, zlib, or deflate without a header; gzip may have several members."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=_ANY_HEADER)
        self._begun = self._over = False
        self._members = 0
        self._head = b""

    @property
    def ended(self) -> bool:
        return self._decoder.eof

    def pieces(self, part: bytes) -> Iterator[bytes]:
        part, self._head = self._head + part, b""
        full = False
        while (part or full) and not self._over:
            if self._decoder.eof or not self._begun:
                # Two bytes tell what follows; of one alone, zlib says nothing and keeps it.
                if len(part) < 2:
                    self._head = part
                    return
                if not self._begin(part):
                    return
            piece = self._inflate(part)
            yield piece
            # The last byte may hold more than one piece takes.
            full = len(piece) == _PIECE and not self._decoder.eof
            part = self._decoder.unused_data if self._decoder.eof else self._decoder.unconsumed_tail

    def _begin(self, part: bytes) -> bool:
        """Begin a member, the first or one that follows; False where the part begins with none."""
        if not self._begun:
            return True
        self._over = not part.startswith(_GZIP)
        if not self._over:
            self._members = _count(self._members)
            self._decoder = zlib.decompressobj(wbits=_ANY_HEADER)
        return not self._over

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


def _count(members: int) -> int:
    if members >= MOST_MEMBERS:
        raise ValueError(f"it has more than {MOST_MEMBERS} members or frames")
    return members + 1


class _Brotli:
    def __init__(self) -> None:
        self._decoder: Any = import_module("brotli").Decompressor()

    @property
    def ended(self) -> bool:
        return bool(self._decoder.is_finished())

    def pieces(self, part: bytes) -> Iterator[bytes]:
        if self.ended:
            return
        piece = self._decoder.process(part, output_buffer_limit=_PIECE)
        yield piece
        # It may have taken all of the part and not yet given all out.
        while not self._decoder.can_accept_more_data() or (piece and not self.ended):
            piece = self._decoder.process(b"", output_buffer_limit=_PIECE)
            yield piece


class _Zstd:
    """zstd, which may have several frames."""

    def __init__(self) -> None:
        self._context: Any = import_module("zstandard").ZstdDecompressor(max_window_size=_MAX_WINDOW)
        self._decoder = self._context.decompressobj()
        self._frames = 0

    @property
    def ended(self) -> bool:
        return bool(self._decoder.eof)

    def pieces(self, part: bytes) -> Iterator[bytes]:
        for at in range(0, len(part), _ZSTD_PART):
            rest = part[at : at + _ZSTD_PART]
            while rest:
                if self._decoder.eof:
                    self._frames = _count(self._frames)
                    self._decoder = self._context.decompressobj()
                yield self._decoder.decompress(rest)
                rest = self._decoder.unused_data if self._decoder.eof else b""


_DECODERS: Final[dict[str, Callable[[], _Decoder]]] = {
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Zlib,
    "br": _Brotli,
    "zstd": _Zstd,
}
