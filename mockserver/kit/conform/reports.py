"""Reports by the ending of their file's name; each form is a module, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mockserver.errors import SettingsError
from mockserver.kit.conform.result import Matrix, to_json

FORMS: Final = {".json": "", ".html": "html", ".md": "markdown", ".xml": "junit", ".svg": "badge"}
"""Ending to the module of this package whose `render(matrices)` gives the text; JSON is `result`'s."""


def check(path: Path) -> None:
    """Raises SettingsError where no report has that ending."""
    name = FORMS.get(path.suffix.lower())
    if name is None or (name and find_spec(f"{__package__}.{name}") is None):
        known = ", ".join(
            ending for ending, form in FORMS.items() if not form or find_spec(f"{__package__}.{form}")
        )
        raise SettingsError(f"{path}: reports end in {known}")


def write(matrices: Sequence[Matrix], path: Path) -> None:
    """Write a report. Raises SettingsError for an unknown ending, or where the file cannot be written."""
    check(path)
    name = FORMS[path.suffix.lower()]
    text = import_module(f"{__package__}.{name}").render(matrices) if name else to_json(matrices)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
