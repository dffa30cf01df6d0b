"""One of the two contracts, with its files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.contract import pointer, source
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.contract.provenance import KEY, claims
from mockserver.contract.registry import Placement
from mockserver.errors import SettingsError
from mockserver.kit.contracts import placements
from mockserver.media.picture import measure


class Side(NamedTuple):
    """A contract and its files, without overlays applied."""

    contract: Contract
    files: source.Source

    @property
    def job(self) -> Any:
        """The document's x-job."""
        return self.contract.document["x-job"]

    def node(self, at: str) -> Any:
        """The node at a JSON pointer of the bundled document, or pointer.ABSENT."""
        return pointer.follow(self.contract.document, pointer.parts(at))

    def resolved(self, at: str) -> str:
        """The pointer at the end of the chain of references that begins at `at`."""
        for _ in range(16):
            node = self.node(at)
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            at = node["$ref"].removeprefix("#")
        return at

    def provenance(self, at: str) -> str:
        """The x-provenance of the node at a pointer of the bundled document: its own, else the first below
        it, else the nearest above it; empty if there is none.
        """
        for _, text in claims(self.node(at)):
            return text
        for near in _upwards(at):
            node = self.node(near)
            if isinstance(node, dict) and isinstance(node.get(KEY), str):
                return str(node[KEY])
        return ""

    def place(self, at: str) -> tuple[str, str]:
        """File and pointer of the node at `at`: in the overlay that sets it, else in the base."""
        for near in _upwards(at):
            file, within = source.origin(self.files, near)
            path = pointer.parts(within)
            for name in reversed(self.contract.overlays):
                overlay = f"overlays/{name}.json"
                if pointer.follow(self.files.files[overlay], ("patch", file, *path)) is not pointer.ABSENT:
                    return overlay, pointer.write(("patch", file, *path))
            if pointer.follow(self.files.files.get(file), path) is not pointer.ABSENT:
                return file, within
        return source.DOCUMENT, ""


def _upwards(at: str) -> Iterator[str]:
    yield at
    while at:
        at = at.rpartition("/")[0]
        yield at


def read(text: str, folders: Sequence[Path] = ()) -> Side:
    """The side that a text names: `gmicloud`, `gmicloud@vendor` or `../contracts/gmicloud@observed`.

    The text is the name of a provider that the registry has or that is below `folders`, or the path of a
    contract's folder.
    Raises SettingsError if it is neither, ContractError if the contract is broken or lacks the profile.
    """
    name, at, profile = text.rpartition("@")
    if not at or os.sep in profile:
        name, profile = text, ""
    files = _placement(name, folders).read()
    return Side(compile_contract(files, measure=measure, profile=profile or "documented"), files)


def _placement(name: str, folders: Sequence[Path]) -> Placement:
    known = placements(folders)
    if name in known:
        return known[name]
    folder = Path(name)
    if (folder / source.DOCUMENT).is_file():
        return Placement("", folder)
    if folder.is_dir():
        raise SettingsError(f"{name}: the folder has no {source.DOCUMENT}")
    raise SettingsError(f"{name!r} is neither a provider ({', '.join(known)}) nor a contract's folder")
