"""Reports by the ending of their file's name; each form is a module, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from mockserver.errors import SettingsError
from mockserver.kit.conform.results.result import Matrix

FORMS: Final = {
    ".json": "json", ".html": "html", ".md": "markdown", ".xml": "junit", ".svg": "badge",
}  # fmt: skip
"""Ending to the module of this package whose `render(matrices)` gives the text."""


def check(path: Path) -> None:
    """Raises SettingsError where no report has that ending."""
    if path.suffix.lower() not in FORMS:
        raise SettingsError(f"{path}: reports end in {', '.join(FORMS)}")


def render(matrices: Sequence[Matrix], ending: str) -> str:
    """The report that has that ending, without any key or half of a character."""
    from mockserver.kit.conform.results.comparison_table import public

    text: str = import_module(f"{__package__}.{FORMS[ending]}").render([public(one) for one in matrices])
    return text


def write(matrices: Sequence[Matrix], path: Path) -> None:
    """Write a report. Raises SettingsError for an unknown ending, or where the file cannot be written."""
    check(path)
    text = render(matrices, path.suffix.lower())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
