"""One difference between two contracts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """What a change means for a client of the first contract, worst first."""

    BREAKING = "breaking"
    RISKY = "risky"
    HARMLESS = "harmless"
    TEXT = "text"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Change:
    """`where` names every place that the change affects; `before` and `after` are JSON values or texts,
    None if there was or is nothing; `why` explains the severity; `source` is the x-provenance of the new
    statement, else of the old one; `file` and JSON `pointer` lead into the folder of the second contract,
    to the nearest node that exists. `witness` is a JSON text: a whole body (or other value) that a request
    could hold and must not any more, or an answer could not hold and may now; None where no schema decides.
    """

    severity: Severity
    code: str
    where: tuple[str, ...]
    before: Any
    after: Any
    why: str
    source: str
    file: str
    pointer: str
    witness: str | None = None
