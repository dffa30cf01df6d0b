"""Content codings are undone within a limit, in whatever pieces they arrive."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from mockserver.inflate import NotOfThatCoding, inflate, is_known

brotli: Any = import_module("brotli")
zstandard: Any = import_module("zstandard")
TEXT = b'{"id": "job-1", "status": "queued"}' * 20


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


def zstd(data: bytes) -> bytes:
    return bytes(zstandard.ZstdCompressor().compress(data))


CODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstd),
]


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_each_coding_in_one_part_or_byte_by_byte(coding: str, compress: Callable[[bytes], bytes]) -> None:
    packed = compress(TEXT)

    assert inflate((packed,), coding, 10_000) == (TEXT, False, True)
    assert inflate((packed[at : at + 1] for at in range(len(packed))), coding, 10_000) == (TEXT, False, True)


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_what_breaks_off_is_not_whole(coding: str, compress: Callable[[bytes], bytes]) -> None:
    assert not inflate((compress(TEXT)[:-2],), coding, 10_000).ended


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_a_bomb_is_read_up_to_the_limit(coding: str, compress: Callable[[bytes], bytes]) -> None:
    content, more, _ = inflate((compress(bytes(20_000_000)),), coding, 1000)

    assert (content, more) == (bytes(1000), True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_what_is_not_of_its_coding_is_refused(coding: str) -> None:
    with pytest.raises(NotOfThatCoding):
        inflate((b'\xff"no such thing"',), coding, 1000)


def test_codings_on_top_of_each_other_are_undone_from_the_last_to_the_first() -> None:
    assert inflate((brotli.compress(gzip.compress(TEXT)),), "gzip, br", 10_000) == (TEXT, False, True)
    assert not is_known("compress")
    assert not is_known(", ".join(["gzip"] * 5))


def test_members_and_frames_follow_each_other() -> None:
    assert inflate((gzip.compress(b"a") + gzip.compress(b"b"),), "gzip", 9).content == b"ab"
    assert inflate((zstd(b"a") + zstd(b"b"),), "zstd", 9).content == b"ab"


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 200_000, 262_144 + 900])
def test_what_compresses_well_is_read_to_its_end(
    coding: str, compress: Callable[[bytes], bytes], size: int
) -> None:
    assert inflate((compress(bytes(size)),), coding, 1_000_000) == (bytes(size), False, True)


def test_members_are_read_wherever_the_parts_end() -> None:
    packed = gzip.compress(b"a") + gzip.compress(b"b")
    for at in range(len(packed)):
        assert inflate((packed[:at], packed[at:]), "gzip", 9) == (b"ab", False, True)
