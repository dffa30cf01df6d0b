"""Checks the defaults and examples that schemas carry themselves, each against its own schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import jsonschema_rs

from mockserver.contract import nodes
from mockserver.contract.nodes import NodePlace, PlacedMessage, Schema
from mockserver.contract.source import Source
from mockserver.contract.unchecked import list_in, object_in
from mockserver.contract.validate import DIALECT

_BASE: Final = "contract:///"
_LONGEST: Final = 200
"""Characters of the validator's sentence that are shown."""


def check_defaults(files: Source, schemas: Sequence[Schema]) -> Iterator[PlacedMessage]:
    """Every `default`, `example` and `examples` of a schema that can be reached, and of a header."""
    checked: set[NodePlace] = set()
    for schema in schemas:
        if schema.place not in checked and not schema.condition:
            checked.add(schema.place)
            yield from _broken(files, schema.place, list(_values(schema)))
    for place in nodes.operations(files):
        for holder in _headers_and_shared_parameters(files, place):
            yield from _broken(files, holder.child("schema"), list(_examples(files, holder)))


def _values(schema: Schema) -> Iterator[tuple[NodePlace, str, Any]]:
    for key in ("default", "example"):
        if key in schema.node:
            yield schema.place.child(key), key, schema.node[key]
    for index, value in enumerate(list_in(schema.node.get("examples"))):
        yield schema.place.child("examples", index), "example", value


def _headers_and_shared_parameters(files: Source, place: NodePlace) -> Iterator[NodePlace]:
    """What the check of examples does not visit: headers of answers, and the parameters of a path."""
    for status in nodes.keys(files, place.child("responses")):
        headers = nodes.resolve(files, place.child("responses", status)).child("headers")
        for name in nodes.keys(files, headers):
            yield nodes.resolve(files, headers.child(name))
    parameters = NodePlace(place.file, place.pointer.rpartition("/")[0]).child("parameters")
    for index in nodes.keys(files, parameters):
        yield nodes.resolve(files, parameters.child(index))


def _examples(files: Source, holder: NodePlace) -> Iterator[tuple[NodePlace, str, Any]]:
    node = object_in(nodes.follow(files, holder))
    if "schema" not in node:
        return
    if "example" in node:
        yield holder.child("example"), "example", node["example"]
    for name, example in object_in(node.get("examples")).items():
        if isinstance(example, dict) and "value" in example:
            yield holder.child("examples", name, "value"), "example", example["value"]


def _broken(
    files: Source, schema: NodePlace, values: list[tuple[NodePlace, str, Any]]
) -> Iterator[PlacedMessage]:
    if not values:
        return
    try:
        validator = jsonschema_rs.Draft202012Validator(
            {"$schema": DIALECT, "$ref": f"{_BASE}{schema.file}#{quote(schema.pointer, safe='/~')}"},
            retriever=lambda uri: _retrieve(files, uri),
            validate_formats=False,
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
        return  # The checks of schemas say what is wrong with it.
    for at, what, value in values:
        for error in list(validator.iter_errors(value))[:1]:
            yield at, f"the {what} is not valid: {error.message.splitlines()[0][:_LONGEST]}"


def _retrieve(files: Source, uri: str) -> Any:
    return files.files[urlsplit(uri).path.lstrip("/")]
