"""Gives memory back that large bodies have left free."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


def trim_heap() -> None:
    """Return free memory to the system, where the C library can: glibc holds on to pieces between others."""
    trim = _trimmer()
    if trim is not None:
        trim(0)


@cache
def _trimmer() -> Callable[[int], int] | None:
    # Imported here, as most servers never get a large body.
    import ctypes

    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return trim
