"""Which of too many exchanges a list shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mockserver.engine.journal.exchange import PackedEntry


def varied(entries: Sequence[PackedEntry], limit: int) -> Sequence[PackedEntry]:
    """At most `limit` of them in their order: the newest of each kind, then the second newest of each, and
    so on, so that what comes seldom is not lost among what comes a thousand times a second.
    """
    if len(entries) <= limit:
        return entries
    newer: Counter[tuple[object, ...]] = Counter()
    ranked = []
    for place in range(len(entries) - 1, -1, -1):
        kind = _kind(entries[place])
        ranked.append((newer[kind], -place))
        newer[kind] += 1
    ranked.sort()
    return [entries[place] for place in sorted(-place for _, place in ranked[:limit])]


def _kind(packed: PackedEntry) -> tuple[object, ...]:
    refused = packed.refusal is not None
    return (
        packed.tenant, packed.provider, packed.operation, packed.status, packed.state, packed.faults,
        packed.delivery, refused,
    )  # fmt: skip
