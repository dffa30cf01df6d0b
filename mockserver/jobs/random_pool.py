"""Random numbers of the operating system, from bytes that are drawn some thousand at a time."""

from __future__ import annotations

import os
from functools import cache
from random import SystemRandom
from typing import Final

_DRAWN: Final = 4096
"""Bytes that are drawn at a time: a call of the system costs as much as all else that an id needs."""


class RandomPool(SystemRandom):
    """As SystemRandom, but a process must not go on with it that was forked: see `random_pool`."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = b""
        self._at = 0

    def getrandbits(self, k: int, /) -> int:
        """A number of `k` random bits. Raises ValueError for a negative `k`."""
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        size = (k + 7) // 8
        if size > len(self._bytes) - self._at:
            self._bytes, self._at = os.urandom(max(_DRAWN, size)), 0
        start, self._at = self._at, self._at + size
        return int.from_bytes(self._bytes[start : self._at], "big") >> (size * 8 - k)

    def random(self) -> float:
        """A number from 0.0 to below 1.0."""
        return self.getrandbits(53) * 2**-53

    def empty(self) -> None:
        """Draw new bytes the next time."""
        self._bytes, self._at = b"", 0


@cache
def random_pool() -> RandomPool:
    """The pool of this process, which is emptied in each that is forked from it."""
    pool = RandomPool()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=pool.empty)
    return pool
