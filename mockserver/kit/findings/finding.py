"""A finding: a disagreement between an exchange and a contract, with its source and a way to repeat it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["failure", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("failure", "warning", "note")
"""The worst first."""
_SEVERITY_OF_TAG: Final[dict[str, Severity]] = {
    "DOCUMENTED": "failure",
    "VENDOR": "failure",
    "OBSERVED": "warning",
    "THIRD-PARTY": "warning",
    "ASSUMED": "note",
}
_INDEX: Final = re.compile(r"/\d+(?=/|$)")


def severity_of(source: str) -> Severity:
    """How severe it is to break what `source` (`DOCUMENTED page: row`) says; without a source, a note."""
    return _SEVERITY_OF_TAG.get(source.partition(" ")[0], "note")


def place_of(check: str, operation: str | None, pointer: str) -> str:
    """Check, operation, and pointer without indices."""
    return f"{check} {operation or '-'} {_INDEX.sub('/*', pointer) or '/'}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement.

    `requirement` is the rule in a sentence, `source` the document that states it. `pointer` is a JSON pointer
    into the answer's body (or the request's, where `check` is about that), `clause` one into the bundled
    contract. `exchange` is the number of the exchange that shows it, `curl` a line for bash that sends it
    again, in printable ASCII.
    """

    check: str
    severity: Severity
    requirement: str
    source: str
    expected: str
    actual: str
    exchange: int
    provider: str
    operation: str | None = None
    job: str | None = None
    pointer: str = ""
    clause: str = ""
    curl: str = ""

    @property
    def fingerprint(self) -> str:
        """Check, operation, and pointer without indices: the same for the same disagreement in every run."""
        return place_of(self.check, self.operation, self.pointer)

    @property
    def sentence(self) -> str:
        """The finding in one line."""
        where = f" at {self.pointer}" if self.pointer else ""
        return f"{self.check}: {self.operation or 'request'}{where}: {self.actual}; expected {self.expected}"
