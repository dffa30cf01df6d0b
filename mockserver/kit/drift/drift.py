"""A drift: one way in which answers have moved away from the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from mockserver.kit.drift.shape import Shape
from mockserver.terms import Phase

Kind = Literal[
    "undocumented field",
    "new status word",
    "new enum value",
    "changed type",
    "undocumented status",
    "never seen",
]
BREAKING: Final[frozenset[Kind]] = frozenset(
    {"new status word", "new enum value", "changed type", "undocumented status"}
)
"""Kinds that break the contract as it stands; the others are beside it."""


@dataclass(frozen=True, slots=True)
class UndocumentedState:
    """A status word that the contract lacks: its guessed phase, the words seen before and after it."""

    text: str
    phase: Phase
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """One drift of an operation's answers of one HTTP status.

    `pointer` is a JSON pointer into the body with `*` for each index; `seen` are examples as JSON, `count`
    answers or places that show it, `exchange` the number of the first. `clause` is the JSON pointer of what
    it drifts from in the bundled document, `file` and `at` the same in the contract's folder.
    """

    kind: Kind
    operation: str
    status: int
    pointer: str
    seen: tuple[str, ...]
    count: int
    exchange: int
    clause: str
    file: str
    at: str
    source: str = ""
    word: UndocumentedState | None = None
    shape: Shape = field(default_factory=Shape, compare=False, repr=False)
    values: tuple[Any, ...] = field(default=(), compare=False, repr=False)

    @property
    def breaks(self) -> bool:
        """Whether the contract as it stands is broken by it."""
        return self.kind in BREAKING

    @property
    def sentence(self) -> str:
        """The drift in one line."""
        where = f" at {self.pointer}" if self.pointer else ""
        said = f": {', '.join(self.seen)}" if self.seen else ""
        times = f", {self.count} times" if self.count > 1 else ""
        return f"{self.kind}: {self.operation} {self.status}{where}{said}{times}"

    def row(self) -> dict[str, Any]:
        """The drift as JSON."""
        row: dict[str, Any] = {
            "kind": self.kind, "breaks": self.breaks, "operation": self.operation, "status": self.status,
            "pointer": self.pointer, "seen": list(self.seen), "count": self.count,
            "exchange": self.exchange, "clause": self.clause, "file": self.file, "at": self.at,
            "source": self.source,
        }  # fmt: skip
        if self.word is not None:
            row["phase"] = self.word.phase
            row["before"], row["after"] = list(self.word.before), list(self.word.after)
        return row
