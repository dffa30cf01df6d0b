"""Which of too many exchanges a list shows."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from mockserver.engine.journal.exchange import PackedEntry

_kind: Final = attrgetter("tenant", "operation", "status", "state", "faults", "delivery")


def varied(entries: Sequence[PackedEntry], limit: int) -> Sequence[PackedEntry]:
    """At most `limit` of them in their order: the newest of each kind, then the second newest of each, and
    so on, so that what comes seldom is not lost among what comes a thousand times a second.
    """
    if len(entries) <= limit:
        return entries
    newer: dict[object, int] = {}
    ranked = []
    for age, kind in enumerate(map(_kind, reversed(entries))):
        rank = newer.get(kind, 0)
        if rank < limit:
            newer[kind] = rank + 1
            ranked.append((rank, age))
    ranked.sort()
    ages = sorted((age for _, age in ranked[:limit]), reverse=True)
    return [entries[-1 - age] for age in ages]
