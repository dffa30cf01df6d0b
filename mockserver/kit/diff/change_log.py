"""The two contracts, and the changes between them so far."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import orjson

from mockserver.kit.diff.change import Change
from mockserver.kit.diff.codes import CODES
from mockserver.kit.diff.side import Side


class ChangeLog:
    """Collects changes; one that affects several places is one change."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before = before
        self.after = after
        self._entries: dict[bytes, tuple[tuple[str, Any, Any, str, str], dict[str, None]]] = {}

    def add(
        self, code: str, where: str, before: Any, after: Any, at: str, after_at: str | None = None
    ) -> None:
        """Add a change; `at` and `after_at` are pointers into the two documents, equal by default."""
        there = at if after_at is None else after_at
        key = orjson.dumps((code, before, after, at, there), option=orjson.OPT_NON_STR_KEYS)
        self._entries.setdefault(key, ((code, before, after, at, there), {}))[1].setdefault(where)

    def add_difference(self, code: str, where: str, before: Any, after: Any, at: str) -> None:
        """Add a change if the two values are not equal."""
        if before != after:
            self.add(code, where, before, after, at)

    def changes(self) -> list[Change]:
        """All changes, the worst first, else in the order in which they were added."""
        return sorted(self._changes(), key=lambda change: change.severity.rank)

    def _changes(self) -> Iterator[Change]:
        for (code, before, after, at, there), where in self._entries.values():
            kind = CODES[code]
            file, within = self.after.place(there)
            source = self.after.provenance(there) or self.before.provenance(at)
            if after is None:
                source = self.before.provenance(at) or source
            yield Change(kind.severity, code, tuple(where), before, after, kind.why, source, file, within)


def change_word(name: Any, old: Container[Any], new: Container[Any]) -> str:
    """What became of a name between two mappings: `added`, `removed` or `changed`."""
    if name not in new:
        return "removed"
    if name not in old:
        return "added"
    return "changed"
