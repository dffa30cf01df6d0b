"""The two contracts, and the changes between them so far."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import orjson

from mockserver.kit.diff.change import Change, Severity
from mockserver.kit.diff.codes import CODES
from mockserver.kit.diff.side import Side
from mockserver.kit.diff.witness import NONE

_UNPROVEN = "; no value was found that shows it"


class ChangeLog:
    """Collects changes; one that affects several places is one change."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before = before
        self.after = after
        self._entries: dict[bytes, tuple[tuple[str, Any, Any, str, str], dict[str, None]]] = {}
        self._witnesses: dict[bytes, Any] = {}

    def add(
        self, code: str, where: str, before: Any, after: Any, at: str, after_at: str | None = None
    ) -> bytes:
        """Add a change; `at` and `after_at` are pointers into the two documents, equal by default.

        Returns what equal changes have in common.
        """
        there = at if after_at is None else after_at
        key = orjson.dumps((code, before, after, at, there), option=orjson.OPT_NON_STR_KEYS)
        self._entries.setdefault(key, ((code, before, after, at, there), {}))[1].setdefault(where)
        return key

    def mark(self) -> int:
        """How many changes there are so far, for `is_mild_since`."""
        return len(self._entries)

    def is_mild_since(self, mark: int) -> bool:
        """Whether no change was added since that a client could notice."""
        codes = (entry[0] for entry, _ in islice(self._entries.values(), mark, None))
        return all(CODES[code].severity.rank > Severity.RISKY.rank for code in codes)

    def add_schema(
        self, code: str, where: str, before: Any, after: Any, at: tuple[str, str], witness: Callable[[], Any]
    ) -> None:
        """Add a change of what a schema allows; a breaking one needs a witness, or it is only risky."""
        key = self.add(code, where, before, after, *at)
        if CODES[code].severity is Severity.BREAKING and self._witnesses.get(key, NONE) is NONE:
            self._witnesses[key] = witness()

    def add_difference(self, code: str, where: str, before: Any, after: Any, at: str) -> None:
        """Add a change if the two values are not equal."""
        if before != after:
            self.add(code, where, before, after, at)

    def changes(self) -> list[Change]:
        """All changes, the worst first, else in the order in which they were added."""
        return sorted(self._changes(), key=lambda change: change.severity.rank)

    def _changes(self) -> Iterator[Change]:
        for key, ((code, before, after, at, there), where) in self._entries.items():
            kind = CODES[code]
            file, within = self.after.place(there)
            source = self.after.provenance(there) or self.before.provenance(at)
            if after is None:
                source = self.before.provenance(at) or source
            change = Change(kind.severity, code, tuple(where), before, after, kind.why, source, file, within)
            yield self._proven(change, key)

    def _proven(self, change: Change, key: bytes) -> Change:
        """The change with its witness, or milder where one was sought in vain."""
        if key not in self._witnesses:
            return change
        witness = self._witnesses[key]
        if witness is NONE:
            return replace(change, severity=Severity.RISKY, why=change.why + _UNPROVEN)
        return replace(change, witness=orjson.dumps(witness).decode())


def change_word(name: Any, old: Container[Any], new: Container[Any]) -> str:
    """What became of a name between two mappings: `added`, `removed` or `changed`."""
    if name not in new:
        return "removed"
    if name not in old:
        return "added"
    return "changed"
