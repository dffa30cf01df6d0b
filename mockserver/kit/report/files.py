"""Reports as files: the ending of a file's name says which kind it is, and all are written in one way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from mockserver.errors import SettingsError

_ENDINGS: Final = {
    ".json": "json",
    ".html": "html",
    ".md": "markdown",
    ".xml": "junit",
    ".sarif": "sarif",
    ".svg": "badge",
}
"""Every ending and the kind of report that it stands for, each kind a module named after it."""


def endings_of(*kinds: str) -> Mapping[str, str]:
    """The endings of those kinds, in their order."""
    ending_by_kind = {kind: ending for ending, kind in _ENDINGS.items()}
    return MappingProxyType({ending_by_kind[kind]: kind for kind in kinds})


def kind_of_file(path: Path, endings: Mapping[str, str]) -> str:
    """The kind of report that a file's ending asks for. Raises SettingsError for any other ending."""
    kind = endings.get(path.suffix.lower())
    if kind is None:
        raise SettingsError(f"{path}: reports end in {', '.join(endings)}")
    return kind


def write_report(text: str, path: Path) -> None:
    """Write a report's text; its folder is made where it is missing.

    Raises SettingsError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
