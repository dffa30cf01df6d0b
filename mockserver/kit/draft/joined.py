"""Joins a document with the files beside it that it refers to, as `./schemas/edit.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.unchecked import object_in
from mockserver.errors import KitError

PARTS: Final = "x-files"
"""Where the other files stand in the joined document."""
MOST_FILES: Final = 2000
_BUNDLE: Final = "join the files first, as `redocly bundle FILE` does"


def joined(document: dict[str, Any], path: Path, read: Callable[[Path], Any]) -> dict[str, Any]:
    """The document with what its references to files in its own folder, or below, lead to; `read` reads one.

    Other references stay as they are. Raises KitError, one line, where a path of the API is not to be had, or
    where there are too many files.
    """
    joiner = _Joiner(path, read)
    whole: dict[str, Any] = joiner.rewritten(document, path.resolve(), own="")
    for name, item in object_in(whole.get("paths")).items():
        reference = object_in(item).get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            raise KitError(f"{path}: the path {name} stands in {reference}, which is not here; {_BUNDLE}")
    return {**whole, PARTS: joiner.parts} if joiner.parts else whole


class _Joiner:
    def __init__(self, path: Path, read: Callable[[Path], Any]) -> None:
        self._document = path.resolve()
        self._read = read
        self._names: dict[Path, str] = {}
        self.parts: dict[str, Any] = {}

    def rewritten(self, node: Any, file: Path, own: str) -> Any:
        """The node of that file, whose own places are at the pointer `own` of the whole."""
        if isinstance(node, list):
            return [self.rewritten(item, file, own) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: self._reference(value, file, own)
            if key == "$ref" and isinstance(value, str)
            else self.rewritten(value, file, own)
            for key, value in node.items()
        }

    def _reference(self, reference: str, file: Path, own: str) -> str:
        address, mark, place = reference.partition("#")
        if not address:
            return f"#{own}{place}"
        if "://" in address:
            return reference
        target = (file.parent / address).resolve()
        if target == self._document:
            return f"#{place}"
        if not target.is_relative_to(self._document.parent) or not target.is_file():
            return f"{address}{mark}{place}"
        return f"#{self._at(target)}{place}".rstrip("/")

    def _at(self, target: Path) -> str:
        """The pointer of another file in the whole; it is read when it is first needed."""
        name = self._names.get(target)
        if name is None:
            if len(self._names) >= MOST_FILES:
                raise KitError(f"{self._document}: refers to more than {MOST_FILES} files; {_BUNDLE}")
            name = self._free(target.stem)
            self._names[target] = name
            self.parts[name] = {}
            own = pointer.write((PARTS, name))
            self.parts[name] = self.rewritten(self._read(target), target, own)
        return pointer.write((PARTS, name))

    def _free(self, stem: str) -> str:
        names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, MOST_FILES + 2))
        return next(name for name in names if name not in self.parts)
