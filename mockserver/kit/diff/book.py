"""The two sides, and the changes found so far."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.kit.diff.change import Change
from mockserver.kit.diff.codes import CODES
from mockserver.kit.diff.side import Side


class ChangeLog:
    """Takes notes of changes; one that is seen from several places is one change."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before = before
        self.after = after
        self._notes: dict[bytes, tuple[tuple[str, Any, Any, str, str], dict[str, None]]] = {}

    def note(
        self, code: str, where: str, before: Any, after: Any, at: str, after_at: str | None = None
    ) -> None:
        """`at` and `after_at` are pointers into the two documents, the second by default the first."""
        there = at if after_at is None else after_at
        key = orjson.dumps((code, before, after, at, there), option=orjson.OPT_NON_STR_KEYS)
        self._notes.setdefault(key, ((code, before, after, at, there), {}))[1].setdefault(where)

    def unlike(self, code: str, where: str, before: Any, after: Any, at: str) -> None:
        """A note where the two are not equal."""
        if before != after:
            self.note(code, where, before, after, at)

    def changes(self) -> list[Change]:
        """Everything noted, the worst first, else in the order it was found."""
        return sorted(self._changes(), key=lambda change: change.severity.rank)

    def _changes(self) -> Iterator[Change]:
        for (code, before, after, at, there), where in self._notes.values():
            kind = CODES[code]
            said = self.before.said(at) if after is None else self.after.said(there)
            file, within = self.after.place(there)
            source = said or self.after.said(there) or self.before.said(at)
            yield Change(kind.severity, code, tuple(where), before, after, kind.why, source, file, within)
