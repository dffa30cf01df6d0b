"""Makes one OpenAPI document of a provider's folder: reads its files, applies overlays, bundles."""

from __future__ import annotations

import os
import posixpath
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from mockserver.contract import pointer
from mockserver.contract.unchecked import object_in
from mockserver.errors import ContractError

DOCUMENT = "openapi.json"
USE = "$use"
"""The key of a template that names a body of `x-job.bodies`; what stands beside it is a patch to it."""


class Source(NamedTuple):
    """The JSON files of one provider: path relative to its folder, with `/`, to content.

    It is served by the name `served_as`, or by its own, and all its paths begin with the prefix `below`.
    """

    name: str
    folder: Path
    files: dict[str, Any]
    served_as: str = ""
    below: str = ""

    def overlays(self) -> list[str]:
        """Names of the overlay files, sorted."""
        return sorted(path[9:-5] for path in self.files if path.startswith("overlays/"))


@cache
def builtin_root() -> Path:
    """The folder of our own contracts: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_contracts"
    if shipped.is_dir():
        return shipped
    return package.parent / "contracts"


def find_providers(root: Path) -> dict[str, Path]:
    """Providers below `root` by folder name; `root` itself counts if it holds a document.

    Raises ContractError when there is none.
    """
    if (root / DOCUMENT).is_file():
        return {root.resolve().name: root}
    providers = {path.parent.name: path.parent for path in sorted(root.glob(f"*/{DOCUMENT}"))}
    if not providers:
        raise ContractError(
            f"there is no {DOCUMENT} in this folder or in a folder directly below it", file=str(root)
        )
    return providers


def read_source(folder: Path) -> Source:
    """Read every JSON file of a provider's folder. Raises ContractError where one cannot be read."""
    names = (DOCUMENT, *_json_files(folder, "schemas"), *_json_files(folder, "overlays"))
    return Source(folder.resolve().name, folder, {name: read_json(folder, name) for name in names})


def _json_files(folder: Path, part: str) -> list[str]:
    # A search by pathlib takes longer than reading the files that it finds.
    try:
        names = os.listdir(folder / part)  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(f"{part}/{name}" for name in names if name.endswith(".json"))


def read_json(folder: Path, name: str) -> Any:
    """The JSON object in a file of a folder. Raises ContractError with its line and column."""
    try:
        with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
            content = orjson.loads(file.read().removeprefix(BOM_UTF8))
    except FileNotFoundError:
        raise ContractError("the file is missing", file=name) from None
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}", file=name) from None
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ContractError(f"is not JSON: {error.msg.split(':')[0]} at {where}", file=name) from None
    if not isinstance(content, dict):
        raise ContractError("must hold a JSON object", file=name)
    return content


def apply_overlays(source: Source, names: Sequence[str]) -> Source:
    """The source with overlays applied to it, in order. Raises ContractError for an unknown one."""
    files = dict(source.files)
    for name in names:
        overlay = files.get(f"overlays/{name}.json")
        if overlay is None:
            known = ", ".join(source.overlays()) or "none"
            raise ContractError(f"there is no overlay {name!r}; overlays: {known}", file=DOCUMENT)
        for path, patch in overlay.get("patch", {}).items():
            if path != DOCUMENT and not re.fullmatch(r"schemas/[^/]+\.json", path):
                raise ContractError(
                    f"{path!r} is neither {DOCUMENT} nor schemas/NAME.json",
                    file=f"overlays/{name}.json",
                    pointer="/patch",
                )
            files[path] = merge_patch(files.get(path, {}), patch)
    return source._replace(files=files)


def merge_patch(target: Any, patch: Any, *, keeping: bool = False) -> Any:
    """RFC 7396: null deletes, objects merge, all else replaces. Neither argument is changed.

    What stands beside `$use` is a patch itself, whose nulls are for later: they stay, and so with `keeping`.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(object_in(target))
    keeping = keeping or USE in merged
    for key, value in patch.items():
        if value is None and not keeping:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value, keeping=keeping)
    return merged


Trail = tuple[str | int, ...]
Visit = Callable[[str, Trail, dict[str, Any]], None]
"""Called for every object that is bundled, with its file, its path there, and itself."""


def bundle(source: Source, visit: Visit | None = None, *, sound: bool = False) -> dict[str, Any]:
    """One self-contained OpenAPI document: schemas/x.json becomes #/components/schemas/x.

    Raises ContractError at a reference that leads nowhere, unless the files are known to be `sound`.
    """
    bundler = _Bundler(source, visit)
    document: dict[str, Any] = bundler.rewrite(DOCUMENT, source.files[DOCUMENT], ())
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for path, content in source.files.items():
        if path.startswith("schemas/"):
            schema = {key: value for key, value in content.items() if key != "$schema"}
            schemas[_stem(path)] = bundler.rewrite(path, schema, ())
    if not sound:
        bundler.check(document)
    return document


class _Bundler:
    """Rewrites the references of each file, and checks them when the document is complete."""

    def __init__(self, source: Source, visit: Visit | None) -> None:
        self._source = source
        self._visit = visit
        self._references: list[tuple[str, Trail, str]] = []

    def rewrite(self, file: str, node: Any, at: Trail) -> Any:
        if isinstance(node, list):
            return [self.rewrite(file, child, (*at, index)) for index, child in enumerate(node)]
        if not isinstance(node, dict):
            return node
        if self._visit is not None:
            self._visit(file, at, node)
        result = dict(node)
        # Most values are texts: a call for each of them would double the time.
        for key, value in node.items():
            if isinstance(value, dict | list):
                result[key] = self.rewrite(file, value, (*at, key))
        if isinstance(node.get("$ref"), str):
            result["$ref"] = _target(self._source, file, node["$ref"], at)
            self._references.append((file, at, result["$ref"]))
        return result

    def check(self, document: dict[str, Any]) -> None:
        """Raise ContractError for a reference that has no target or that refers to itself."""
        for file, at, reference in self._references:
            reason = _broken(document, reference)
            if reason is not None:
                where = pointer.write((*at, "$ref"))
                raise ContractError(f"$ref {reference!r} {reason}", file=file, pointer=where)


def _broken(document: dict[str, Any], reference: str) -> str | None:
    """Why a reference cannot be followed to its end, or None."""
    visited: set[str] = set()
    node: Any = {"$ref": reference}
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        target = node["$ref"]
        if target in visited:
            return "leads back to itself"
        visited.add(target)
        node = pointer.follow(document, pointer.parts(target.removeprefix("#")))
    return "leads nowhere" if node is pointer.ABSENT else None


def origin(source: Source, at: str) -> tuple[str, str]:
    """The file, and the JSON pointer in it, that the node at `at` of the bundled document comes from."""
    path = pointer.parts(at)
    if path[:2] == ("components", "schemas") and len(path) > 2 and f"schemas/{path[2]}.json" in source.files:
        return f"schemas/{path[2]}.json", pointer.write(path[3:])
    return DOCUMENT, at


def _stem(path: str) -> str:
    return posixpath.basename(path).removesuffix(".json")


def _target(source: Source, file: str, reference: str, at: Trail) -> str:
    path, _, fragment = reference.partition("#")
    if not path:
        if file == DOCUMENT:
            return reference
        return f"#/components/schemas/{_stem(file)}{fragment}"
    target = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    if not target.startswith("schemas/") or target not in source.files:
        message = f"$ref {reference!r} does not refer to a file of schemas/"
        raise ContractError(message, file=file, pointer=pointer.write((*at, "$ref")))
    return f"#/components/schemas/{_stem(target)}{fragment}"


def resolve(document: Mapping[str, Any], node: Any) -> Any:
    """`node`, or the node of `document` that it refers to."""
    followed = 0
    while isinstance(node, dict) and isinstance(node.get("$ref"), str) and followed < 16:
        node = pointer.follow(document, pointer.parts(node["$ref"].removeprefix("#")))
        followed += 1
    return node
