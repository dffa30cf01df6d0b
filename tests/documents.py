"""The project's documents, and the blocks of code in them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from tests.serving import ROOT

BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
"""A block of code: its language and its lines."""

DOCUMENTS: Final = (
    "README.md",
    "contracts/README.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "mockserver").rglob("README.md")),
    "tests/README.md",
    "tests/third_party/README.md",
)
"""Every document by its path below the project; README.md is where a reader starts."""


@cache
def document(name: str) -> str:
    """The text of a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(language: str) -> list[tuple[str, str]]:
    """Every block in that language with the document that it stands in."""
    return [
        (name, str(lines))
        for name in DOCUMENTS
        for kind, lines in BLOCK.findall(document(name))
        if kind == language
    ]


def block(name: str, language: str, word: str) -> str:
    """The first block of a document in that language that holds `word`."""
    return next(lines for place, lines in blocks(language) if place == name and word in lines)
