"""Real time, also where a test has replaced that of its process.

A server may run in a test's process, and goes on when the test freezes time. freezegun replaces what it
finds in modules, so the functions are held by a class. time-machine replaces the functions themselves, and
has a way past that.
"""

from __future__ import annotations

import sys
import time


class _Held:
    time_ns = staticmethod(time.time_ns)
    # Earlier releases of time-machine replace `monotonic`; none replaces this.
    perf_counter = staticmethod(time.perf_counter)


def time_ns() -> int:
    """The system's time in Unix nanoseconds."""
    hatch = getattr(sys.modules.get("time_machine"), "escape_hatch", None)
    if hatch is None:
        return _Held.time_ns()
    # A test's thread may begin or end to travel at any moment; the hatch opens only while it does.
    while True:
        travelling = hatch.is_travelling()
        try:
            now = int(hatch.time.time_ns()) if travelling else _Held.time_ns()
        except ValueError:
            continue
        if hatch.is_travelling() is travelling:
            return now


def seconds() -> float:
    """The system's time in Unix seconds."""
    return time_ns() / 1e9


def monotonic() -> float:
    """Seconds that never go back, from some moment on."""
    return _Held.perf_counter()
