"""NOTES.md of a draft: where it comes from, what was guessed and why, what is left to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.kit.draft.description import Description
from mockserver.kit.draft.todo import Draft

_MOST_LEFT_OUT: Final = 60


def notes(draft: Draft, description: Description) -> str:
    """The text of NOTES.md."""
    return "\n".join(_lines(draft, description)) + "\n"


def _lines(draft: Draft, description: Description) -> Iterator[str]:
    yield f"# {draft.name}"
    yield ""
    yield f"Drafted by `mockserver contracts new` from: {description.origin.label}."
    yield "What stands here without a source of its own is as trustworthy as that; guesses are below."
    yield ""
    yield "## Guesses"
    yield ""
    yield from (f"* {line}" for line in draft.reasons)
    yield ""
    yield "## To do"
    yield ""
    yield from (f"* `{todo.file}#{todo.pointer}`: {todo.text}" for todo in draft.todos)
    if description.origin.tag == "OBSERVED":
        yield "* `openapi.json#/paths`: the examples are what was recorded; look at them before you share it"
    yield ""
    yield "## Left out"
    yield ""
    if not draft.left_out:
        yield "Nothing: all operations of the document belong to the job."
    yield from (f"* {name}" for name in draft.left_out[:_MOST_LEFT_OUT])
    if len(draft.left_out) > _MOST_LEFT_OUT:
        yield f"* and {len(draft.left_out) - _MOST_LEFT_OUT} more"
