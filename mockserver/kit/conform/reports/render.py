"""Reports by the ending of their file's name; each kind is a module, loaded when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from mockserver.kit.conform.results.comparison_table import without_secrets
from mockserver.kit.conform.results.result import Matrix
from mockserver.kit.report.files import endings_of, kind_of_file, write_report

FORMS: Final = endings_of("json", "html", "markdown", "junit", "badge")
"""A file's ending to the module of this package whose `render(matrices)` makes the report."""


def check(path: Path) -> None:
    """Raise SettingsError if no report has that ending."""
    kind_of_file(path, FORMS)


def render(matrices: Sequence[Matrix], ending: str) -> str:
    """The report that has that ending, without any key or half of a character."""
    module = import_module(f"{__package__}.{FORMS[ending]}")
    text: str = module.render([without_secrets(matrix) for matrix in matrices])
    return text


def write(matrices: Sequence[Matrix], path: Path) -> None:
    """Write a report. Raises SettingsError for an unknown ending, or if the file cannot be written."""
    check(path)
    write_report(render(matrices, path.suffix.lower()), path)
