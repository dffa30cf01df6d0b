"""A mutant: a provider's folder of contract files with one fact changed, and how that is written down."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.shared_bodies import with_bodies
from mockserver.contract.source import builtin_root, read_source

OPEN: Final = "openapi.json"
Files = dict[str, Any]
"""The JSON of a provider's folder by path in it, overlays left aside."""
Edit = Callable[[Files], None]

_RULES: Final = frozenset(
    {
        "type", "required", "enum", "const", "pattern", "format", "minimum", "maximum", "minLength",
        "minItems", "not", "oneOf",
    }
)  # fmt: skip
"""What `lax` takes out of a schema, so that the engine's check of its own answers lets the change pass."""


class Mutant(NamedTuple):
    """One wrong contract. `why` says what its server does wrong; `assumed` that nobody's word stands behind
    the fact, so that notes count."""

    provider: str
    name: str
    why: str
    edits: tuple[Edit, ...]
    assumed: bool = False

    @property
    def id(self) -> str:
        """Its name in a report."""
        return f"{self.provider}/{self.name}"


def of(provider: str) -> Callable[..., Mutant]:
    """What makes a provider's mutants, of name, why and edits."""

    def mutant(name: str, why: str, *edits: Edit, assumed: bool = False) -> Mutant:
        return Mutant(provider, name, why, edits, assumed)

    return mutant


def write(mutant: Mutant, root: Path) -> Path:
    """The mutant's folder below `root`; gives `root`, which a server takes as a folder of contracts.

    Overlays are left out: they are patches of what may not be there any more.
    """
    folder = root / mutant.provider
    shutil.copytree(builtin_root() / mutant.provider, folder)
    shutil.rmtree(folder / "overlays")
    # A fact is to be wrong at one place, so a body that several share is put in each of them.
    files: Files = dict(with_bodies(read_source(folder))[0].files)
    files[OPEN]["x-job"]["profiles"] = {name: [] for name in files[OPEN]["x-job"]["profiles"]}
    before = json.dumps(files)
    for edit in mutant.edits:
        edit(files)
    assert json.dumps(files) != before, "a mutant has to differ"
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    return root


def put(file: str, at: str, value: Any) -> Edit:
    """The value at a JSON pointer, new or in place of the one there."""

    def edit(files: Files) -> None:
        parent, last = _place(files[file], at)
        parent[last] = value

    return edit


def at(place: str, value: Any) -> Edit:
    """The value at a JSON pointer of the OpenAPI document."""
    return put(OPEN, place, value)


def drop(file: str, *places: str) -> Edit:
    """Take out what stands at JSON pointers."""

    def edit(files: Files) -> None:
        for at in places:
            parent, last = _place(files[file], at)
            del parent[last]

    return edit


def move(file: str, at: str, to: str) -> Edit:
    """What stands at a JSON pointer stands at another, in place of what was there."""

    def edit(files: Files) -> None:
        parent, last = _place(files[file], at)
        value = parent.pop(last)
        target, name = _place(files[file], to)
        target[name] = value

    return edit


def swap(file: str, at: str, other: str) -> Edit:
    """Two values change places."""

    def edit(files: Files) -> None:
        one, first = _place(files[file], at)
        two, second = _place(files[file], other)
        one[first], two[second] = two[second], one[first]

    return edit


def reword(old: str, new: str) -> Edit:
    """A text is another wherever it stands as a key or a whole value."""

    def edit(files: Files) -> None:
        for name, node in files.items():
            files[name] = _reworded(node, {old: new})

    return edit


def lax(*names: str) -> Edit:
    """Schemas of `schemas/` that allow anything where they named a rule."""

    def edit(files: Files) -> None:
        for name in names:
            files[f"schemas/{name}.json"] = _lax(files[f"schemas/{name}.json"])

    return edit


def _place(node: Any, at: str) -> tuple[Any, Any]:
    *path, last = pointer.parts(at)
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node, int(last) if isinstance(node, list) else last


def _reworded(node: Any, words: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {words.get(key, key): _reworded(value, words) for key, value in node.items()}
    if isinstance(node, list):
        return [_reworded(value, words) for value in node]
    return words.get(node, node) if isinstance(node, str) else node


def _lax(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_lax(one) for one in schema]
    return dict(_kept(schema)) if isinstance(schema, dict) else schema


def _kept(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            yield key, {name: _lax(one) for name, one in value.items()}
        elif key not in _RULES:
            yield key, _lax(value)
