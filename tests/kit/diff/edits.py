"""Copies of the invented provider with something changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.kit.diff.side import Side, read

ORBIT: Final = Path(__file__).resolve().parents[3] / "fixtures" / "orbit"
DROP: Final = object()
"""As a value: take away what is there."""


class Edit(NamedTuple):
    """Put a value at a JSON pointer of a file; the last part `-` appends to an array."""

    file: str
    at: str
    value: Any = DROP


def orbit(at: str, value: Any = DROP) -> Edit:
    """An edit of the document."""
    return Edit("openapi.json", at, value)


def schema(name: str, at: str, value: Any = DROP) -> Edit:
    """An edit of a schema."""
    return Edit(f"schemas/{name}.json", at, value)


def copy(root: Path, edits: Sequence[Edit]) -> Path:
    """A folder `root`/orbit with the edits made."""
    folder = root / "orbit"
    shutil.copytree(ORBIT, folder)
    for edit in edits:
        path = folder / edit.file
        document = json.loads(path.read_text(encoding="utf-8"))
        put(document, pointer.parts(edit.at), filled(document, edit.value))
        path.write_text(json.dumps(document), encoding="utf-8")
    return folder


def filled(document: Any, value: Any) -> Any:
    """The value with each `$copy` of what stands at a pointer of the document put in."""
    if not isinstance(value, dict):
        return value
    copied = pointer.follow(document, pointer.parts(value["$copy"])) if "$copy" in value else {}
    return {**copied, **{key: filled(document, part) for key, part in value.items() if key != "$copy"}}


def put(document: Any, path: tuple[str, ...], value: Any) -> None:
    """Make one edit in place."""
    holder = pointer.follow(document, path[:-1])
    assert holder is not pointer.ABSENT, f"nothing at {path[:-1]}"
    key: Any = path[-1]
    if isinstance(holder, list) and key == "-":
        holder.append(value)
        return
    key = int(key) if isinstance(holder, list) else key
    if value is DROP:
        del holder[key]
    else:
        holder[key] = value


def sides(root: Path, base: Sequence[Edit], edits: Sequence[Edit]) -> tuple[Side, Side]:
    """The provider with the base edits, and with the others on top."""
    before, after = copy(root / "a", base), copy(root / "b", [*base, *edits])
    return read(str(before)), read(str(after))
