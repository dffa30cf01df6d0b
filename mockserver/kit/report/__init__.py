"""Reports of a run: for people, for other programs, for a pull request. Each kind is a module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.findings.run import Run
from mockserver.kit.report.files import endings_of, kind_of_file, write_report
from mockserver.kit.report.formatting import public
from mockserver.kit.report.locations import SourceLocations

KINDS: Final = endings_of("json", "junit", "sarif", "html", "markdown")
"""A file's ending to the kind of report, each a module of this package."""


def kind_of(path: Path) -> str:
    """The kind of report that a file's ending asks for. Raises SettingsError for any other ending."""
    return kind_of_file(path, KINDS)


def render(run: Run, contract: Contract, kind: str, folders: Sequence[Path] = ()) -> str:
    """The report's text; `folders` are those that the contract may have been loaded from.

    Raises SettingsError for an unknown kind.
    """
    if kind not in KINDS.values():
        raise SettingsError(f"no report {kind!r}; reports: {', '.join(KINDS.values())}")
    render_kind: Callable[[Run, SourceLocations], str] = import_module(f"{__name__}.{kind}").render
    return render_kind(public(run), SourceLocations(contract, folders))


def write(run: Run, contract: Contract, path: Path, folders: Sequence[Path] = ()) -> None:
    """Write the report that the path's ending asks for; its folder is made where it is missing.

    Raises SettingsError where it cannot be written.
    """
    write_report(render(run, contract, kind_of(path), folders), path)
