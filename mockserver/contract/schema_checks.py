"""Checks the schemas of a provider's files by themselves: metaschema, use as lone files, our own keywords."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import jsonschema_rs

from mockserver.contract import nodes, pointer
from mockserver.contract.extension import LONGEST, problems
from mockserver.contract.nodes import NodePlace, PlacedMessage, Schema
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.validate import DIALECT

KEYWORDS: Final = (
    "x-job", "x-provenance", "x-image", "x-rule", "x-expected", "x-says", "x-without-effect",
)  # fmt: skip
_COMPARED: Final = 200
"""Characters of a key that are compared with the keywords."""
_BASE: Final = "contract:///"
_METASCHEMA: Final = jsonschema_rs.Draft202012Validator({"$ref": DIALECT})


def check_schemas(files: Source) -> Iterator[PlacedMessage]:
    """Each schema against the 2020-12 metaschema, and each file as another tool would use it: alone."""
    inline = [place for place in nodes.roots(files) if place.file == DOCUMENT]
    whole = [NodePlace(file, "") for file in files.files if file.startswith("schemas/")]
    for place in (*inline, *whole):
        broken = list(_check_against_metaschema(place, nodes.follow(files, place)))
        yield from broken
        if not broken and not place.pointer:
            yield from _check_alone(files, place)


def _check_against_metaschema(place: NodePlace, node: Any) -> Iterator[PlacedMessage]:
    if node is pointer.ABSENT or _METASCHEMA.is_valid(node):
        return
    errors = _METASCHEMA.iter_errors(node)
    by_path = {pointer.write(error.instance_path): error for error in errors}
    for at, error in by_path.items():
        message = error.message
        # In the metaschema only `type` is an anyOf.
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):
            message = f"{error.instance!r} is not a type of JSON Schema"
        yield NodePlace(place.file, place.pointer + at), message[:LONGEST]


def _check_alone(files: Source, place: NodePlace) -> Iterator[PlacedMessage]:
    content = files.files[place.file]
    if content.get("$schema") != DIALECT:
        yield place.child("$schema"), f"must be {DIALECT!r}, so that the file can be used alone"
    try:
        jsonschema_rs.Draft202012Validator(
            content,
            base_uri=_BASE + place.file,
            retriever=lambda uri: _retrieve(files, uri),
            validate_formats=False,
        )
    except jsonschema_rs.ValidationError as error:
        at = NodePlace(place.file, pointer.write(error.instance_path))
        yield at, f"cannot be used alone: {error.message.splitlines()[0]}"
    except jsonschema_rs.ReferencingError as error:
        yield place, f"cannot be used alone: {error}"


def _retrieve(files: Source, uri: str) -> Any:
    path = urlsplit(uri).path.lstrip("/")
    if not uri.startswith(_BASE) or path not in files.files:
        raise KeyError(f"there is no file {path}")
    return files.files[path]


def check_keywords(_files: Source, schemas: Sequence[Schema]) -> Iterator[PlacedMessage]:
    """Our own keywords in schemas: what x-image holds, keys that look like ours, and `$id`."""
    for schema in schemas:
        if "$id" in schema.node:
            yield schema.place.child("$id"), "must be removed: it would redirect every reference in the file"
        if "x-image" in schema.node:
            for at, message in problems(schema.node["x-image"], "image"):
                yield NodePlace(schema.place.file, f"{schema.place.pointer}/x-image{at}"), message
        for key in schema.node:
            if key.startswith("x-") and key not in KEYWORDS:
                for similar in difflib.get_close_matches(key[:_COMPARED], KEYWORDS, 1, 0.8):
                    yield schema.place.child(key), f"{key!r} is not a keyword; did you mean {similar!r}?"
