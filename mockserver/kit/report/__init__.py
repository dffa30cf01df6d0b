"""What a run found, told: for people, for other programs, for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.findings.run import Run
from mockserver.kit.report.formatting import public
from mockserver.kit.report.locations import SourceLocations

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {".json": "json", ".xml": "junit", ".sarif": "sarif", ".html": "html", ".md": "markdown"}
)
"""A file's ending to the kind of report, each a module of this package."""


def kind_of(path: Path) -> str:
    """The kind of report that a file's ending asks for. Raises SettingsError for any other."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(f"{ending} ({name})" for ending, name in KINDS.items())
        raise SettingsError(f"{path}: which report that is, its ending does not say; endings: {known}")
    return kind


def render(run: Run, contract: Contract, kind: str, folders: Sequence[Path] = ()) -> str:
    """The report's text; `folders` are those that the contract may have been found in.

    Raises SettingsError for an unknown kind.
    """
    if kind not in KINDS.values():
        raise SettingsError(f"no report {kind!r}; reports: {', '.join(KINDS.values())}")
    written: Callable[[Run, SourceLocations], str] = import_module(f"{__name__}.{kind}").render
    return written(public(run), SourceLocations(contract, folders))


def write(run: Run, contract: Contract, path: Path, folders: Sequence[Path] = ()) -> None:
    """Write the report that the path's ending asks for, its folder made where it is missing.

    Raises SettingsError where it cannot be written.
    """
    text = render(run, contract, kind_of(path), folders)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
