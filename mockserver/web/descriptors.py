"""How many connections the process may have open."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import Final

MOST: Final = 16_384
"""Descriptors that a server asks for: as many connections that send half a head take 90 MB."""
RESERVE: Final = 128
"""Descriptors that stay for the store, clips, callbacks and whatever else the process has open."""


def raise_limit() -> None:
    """Raise the soft limit of open descriptors to the hard one, to MOST at most. Never fails."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft not in (resource.RLIM_INFINITY, wanted) and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def most_connections() -> int:
    """How many connections may be open before the one that waits longest for a head has to go."""
    try:
        import resource
    except ImportError:
        return MOST
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST
    return max(soft - RESERVE, soft // 2)
