"""What a draft lacks, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.source import DOCUMENT


class Todo(NamedTuple):
    """What is left to do: the file, the JSON pointer in it, and a sentence."""

    file: str
    pointer: str
    text: str

    def line(self) -> str:
        """As one line: `openapi.json#/x-job/id: ...`."""
        return f"{self.file}#{self.pointer}: {self.text}"


def todo(path: Sequence[str | int], text: str, file: str = DOCUMENT) -> Todo:
    """A to-do at a path of a file."""
    return Todo(file, pointer.write(path), text)


class Draft(NamedTuple):
    """The files of a contract by their paths in its folder, the lines of reasoning, the to-dos, and the
    operations that were left out.
    """

    name: str
    files: dict[str, Any]
    reasons: Sequence[str]
    todos: list[Todo]
    left_out: Sequence[str]
