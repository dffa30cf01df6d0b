"""The place of a finding's clause in the contract's folder: file, line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mockserver.contract import pointer, source
from mockserver.contract.model import Contract
from mockserver.contract.source import Source
from mockserver.kit.contracts import placements
from mockserver.kit.findings.finding import Finding
from mockserver.kit.report.lines import FilePosition, locate

Overlaid = tuple[str, tuple[str, ...], FilePosition]


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in a contract: `file` relative to the provider's folder with `/`, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def row(self) -> dict[str, object]:
        """The place as JSON."""
        return {"file": self.file, "line": self.line, "column": self.column}


class SourceLocations:
    """Finds places in one contract; `folders` are those that it may have been loaded from."""

    def __init__(self, contract: Contract, folders: Sequence[Path] = ()) -> None:
        self.contract = contract
        self._folders = folders
        self._texts: dict[str, str] = {}

    @cached_property
    def _files(self) -> Source | None:
        placement = placements(self._folders).get(self.contract.provider)
        return None if placement is None else placement.read()

    @property
    def folder(self) -> Path | None:
        """The contract's folder; None for a contract that was not loaded from one."""
        if self._files is None:
            return None
        return self._files.folder.resolve()

    def of(self, finding: Finding) -> SourceLocation | None:
        """The place of a finding's clause, else of its operation, else of the document.

        None for a contract without a folder.
        """
        return self.at(finding.clause or self._operation(finding))

    def at(self, clause: str) -> SourceLocation | None:
        """The place of a clause: in the last overlay that changes it, else in the file that has it.

        For a clause that is in neither, the innermost value around it.
        """
        files = self._files
        if files is None:
            return None
        file, within = source.origin(files, clause)
        path = pointer.parts(within)
        position = self._position(file, path)
        best, where = position.depth, SourceLocation(file, position.line, position.column)
        for name in self.contract.overlays:
            overlay = f"overlays/{name}.json"
            overlaid = self._position(overlay, ("patch", file, *path))
            if overlaid.depth - 2 >= max(best, 1):
                best, where = overlaid.depth - 2, SourceLocation(overlay, overlaid.line, overlaid.column)
        return where

    def _operation(self, finding: Finding) -> str:
        operation = self.contract.operations.get(finding.operation or "")
        if operation is None:
            return ""
        return pointer.write(("paths", operation.path, operation.method.lower()))

    def _position(self, file: str, path: tuple[str, ...]) -> FilePosition:
        if file not in self._texts:
            assert self._files is not None
            try:
                self._texts[file] = (self._files.folder / file).read_text(encoding="utf-8")
            except OSError:
                self._texts[file] = "{}"
        return locate(self._texts[file], path)
