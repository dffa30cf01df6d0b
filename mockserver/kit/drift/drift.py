"""A drift: one way in which answers differ from the contract."""

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
"""Kinds that break the contract; the others only add to it or leave something out."""


@dataclass(frozen=True, slots=True)
class UndocumentedState:
    """A status word that the contract lacks: its guessed phase, the words that came before and after it."""

    text: str
    phase: Phase
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """One drift in an operation's answers with one HTTP status.

    `pointer` is a JSON pointer into the body with `*` for each index; `examples` are JSON texts, `count`
    answers or places that show it, `exchange` the number of the first. `clause` is the JSON pointer in the
    bundled document that the answers drift from, `file` and `at` the same in the contract's folder.
    """

    kind: Kind
    operation: str
    status: int
    pointer: str
    examples: tuple[str, ...]
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
        """Whether it breaks the contract."""
        return self.kind in BREAKING

    @property
    def sentence(self) -> str:
        """The drift in one line."""
        sentence = f"{self.kind}: {self.operation} {self.status}"
        if self.pointer:
            sentence += f" at {self.pointer}"
        if self.examples:
            sentence += f": {', '.join(self.examples)}"
        if self.count > 1:
            sentence += f", {self.count} times"
        return sentence

    def row(self) -> dict[str, Any]:
        """The drift as JSON."""
        row: dict[str, Any] = {
            "kind": self.kind, "breaks": self.breaks, "operation": self.operation, "status": self.status,
            "pointer": self.pointer, "seen": list(self.examples), "count": self.count,
            "exchange": self.exchange, "clause": self.clause, "file": self.file, "at": self.at,
            "source": self.source,
        }  # fmt: skip
        if self.word is not None:
            row["phase"] = self.word.phase
            row["before"], row["after"] = list(self.word.before), list(self.word.after)
        return row
