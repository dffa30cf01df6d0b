"""The shape that the loader expects of an OpenAPI document, in the parts that it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import jsonschema_rs

from mockserver.contract import nodes, pointer
from mockserver.contract.extension import check_part
from mockserver.contract.nodes import NodePlace
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.validate import DIALECT
from mockserver.errors import ContractError

_PLACE: Final = re.compile(r"\{([^}]*)\}")


def _map(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": schema}


def _or_reference(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    reference = {"type": "string", "pattern": f"^#/components/{kind}/[^/]+$"}
    return {
        "type": "object",
        "if": {"required": ["$ref"]},
        "then": {"properties": {"$ref": reference}},
        "else": schema,
    }


_CONTENT: Final = _map(
    {"type": "object", "properties": {"schema": {"type": "object"}, "examples": {"type": "object"}}}
)
_PARAMETER: Final = _or_reference(
    "parameters",
    {
        "required": ["name", "in"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "in": {"enum": ["path", "query", "header", "cookie"]},
            "required": {"type": "boolean"},
            "schema": {"type": "object"},
        },
    },
)
_RESPONSE: Final = _or_reference("responses", {"properties": {"content": _CONTENT}})
_OPERATION: Final = {
    "type": "object",
    "properties": {
        "operationId": {"type": "string", "minLength": 1},
        "parameters": {"type": "array", "items": _PARAMETER},
        "requestBody": {
            "type": "object",
            "required": ["content"],
            "properties": {"content": _CONTENT, "required": {"type": "boolean"}},
        },
        "responses": {**_map(_RESPONSE), "propertyNames": {"pattern": "^[1-5][0-9]{2}$"}},
        "security": {"type": "array", "items": {"type": "object"}},
    },
}
_PATH: Final = {
    "type": "object",
    "properties": {
        "parameters": {"type": "array", "items": _PARAMETER},
        **dict.fromkeys(nodes.METHODS, _OPERATION),
    },
}
_DOCUMENT: Final = {
    "$schema": DIALECT,
    "type": "object",
    "required": ["openapi", "paths"],
    "properties": {
        "openapi": {"type": "string", "pattern": r"^3\.1\."},
        "paths": {**_map(_PATH), "propertyNames": {"pattern": "^/"}},
        "security": {"type": "array", "items": {"type": "object"}},
        "servers": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}},
        },
        "components": {
            "type": "object",
            "properties": {
                "schemas": _map({"type": "object"}),
                "parameters": _map(_PARAMETER),
                "responses": _map(_RESPONSE),
            },
        },
    },
}


@cache
def _checker() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_DOCUMENT)


def check(files: Source) -> None:
    """Raise ContractError where the document does not have the shape that the loader expects."""
    checker = _checker()
    document = files.files[DOCUMENT]
    if not checker.is_valid(document):
        error = next(checker.iter_errors(document))
        raise ContractError(error.message, file=DOCUMENT, pointer=pointer.write(error.instance_path))
    _check_name(files)
    _check_paths(list(document["paths"]))
    for operation in nodes.operations(files):
        if operation.pointer.count("/") == 3:
            _check_path(files, operation)


def _check_name(files: Source) -> None:
    provider = pointer.follow(files.files[DOCUMENT], ("x-job", "provider"))
    if isinstance(provider, str) and provider != files.name:
        message = f"{provider!r} must be the folder's name, which is {files.name!r}"
        raise ContractError(message, file=DOCUMENT, pointer="/x-job/provider")


def check_image(file: str, path: tuple[str | int, ...], node: dict[str, Any]) -> None:
    """Raise ContractError where a schema's x-image breaks x-job.schema.json."""
    if "x-image" in node and "examples" not in path and "example" not in path:
        check_part(node["x-image"], "image", file, pointer.write((*path, "x-image")))


def _check_paths(paths: list[str]) -> None:
    """Two paths that differ only in the names of their parameters are the same."""
    first: dict[str, str] = {}
    for path in paths:
        twin = first.setdefault(_PLACE.sub("{}", path), path)
        if twin != path:
            at = pointer.write(("paths", path))
            raise ContractError(f"is the same path as {twin}", file=DOCUMENT, pointer=at)


def _check_path(files: Source, operation: NodePlace) -> None:
    """Each {name} of a path needs a parameter, and each path parameter its {name}."""
    path = pointer.parts(operation.pointer)[1]
    in_path = _PLACE.findall(path)
    shared = NodePlace(DOCUMENT, operation.pointer.rpartition("/")[0]).child("parameters")
    declared = [*_declared(files, shared), *_declared(files, operation.child("parameters"))]
    for message in _mismatches(in_path, declared):
        raise ContractError(message, file=DOCUMENT, pointer=operation.pointer)


def _mismatches(in_path: list[str], declared: list[str]) -> Iterator[str]:
    for name in in_path:
        if not name.isidentifier() or in_path.count(name) > 1:
            yield f"{{{name}}} of the path must be a plain name and occur only once"
        if name not in declared:
            yield f"{{{name}}} of the path is not declared as a parameter"
    for name in declared:
        if name not in in_path:
            yield f"the path parameter {name} is not in the path"


def _declared(files: Source, place: NodePlace) -> Iterator[str]:
    for key in nodes.keys(files, place):
        node = nodes.follow(files, nodes.resolve(files, place.child(key)))
        if isinstance(node, dict) and node.get("in") == "path":
            yield str(node.get("name"))
