"""Where a finding's clause stands in the contract's folder: file, line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mockserver.contract import pointer, source
from mockserver.contract.model import Contract
from mockserver.contract.source import Source
from mockserver.kit.contracts import folders_of
from mockserver.kit.findings.finding import Finding
from mockserver.kit.report.lines import Spot, spot

Overlaid = tuple[str, tuple[str, ...], Spot]


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in a contract: `file` below the provider's folder with `/`, line and column from 1."""

    file: str
    line: int
    column: int

    def row(self) -> dict[str, object]:
        """The place as JSON."""
        return {"file": self.file, "line": self.line, "column": self.column}


class SourceLocations:
    """Finds places in one contract; `folders` are those that it may have been found in."""

    def __init__(self, contract: Contract, folders: Sequence[Path] = ()) -> None:
        self.contract = contract
        self._folders = folders
        self._texts: dict[str, str] = {}

    @cached_property
    def _files(self) -> Source | None:
        folder = folders_of(self._folders).get(self.contract.provider)
        return None if folder is None else source.read_source(folder)

    @property
    def folder(self) -> Path | None:
        """The contract's folder, None for one that is in none."""
        return None if self._files is None else self._files.folder.resolve()

    def of(self, finding: Finding) -> SourceLocation | None:
        """Where its clause stands, else its operation, else the document; None without a folder."""
        return self.at(finding.clause or self._operation(finding))

    def at(self, clause: str) -> SourceLocation | None:
        """Where the clause stands: in the last overlay that speaks of it, else in what overlays change.

        Of a clause that is in neither, the innermost thing around it.
        """
        files = self._files
        if files is None:
            return None
        file, within = source.origin(files, clause)
        path = pointer.parts(within)
        found = self._spot(file, path)
        best, where = found.depth, SourceLocation(file, found.line, found.column)
        for name in self.contract.overlays:
            overlay = f"overlays/{name}.json"
            laid = self._spot(overlay, ("patch", file, *path))
            if laid.depth - 2 >= max(best, 1):
                best, where = laid.depth - 2, SourceLocation(overlay, laid.line, laid.column)
        return where

    def _operation(self, finding: Finding) -> str:
        entry = self.contract.operations.get(finding.operation or "")
        return "" if entry is None else pointer.write(("paths", entry.path, entry.method.lower()))

    def _spot(self, file: str, path: tuple[str, ...]) -> Spot:
        if file not in self._texts:
            assert self._files is not None
            try:
                self._texts[file] = (self._files.folder / file).read_text(encoding="utf-8")
            except OSError:
                self._texts[file] = "{}"
        return spot(self._texts[file], path)
