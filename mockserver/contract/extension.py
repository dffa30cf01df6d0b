"""Checks the nodes of x-job against x-job.schema.json."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from mockserver.contract import pointer, source
from mockserver.contract.unchecked import object_in
from mockserver.contract.validate import DIALECT
from mockserver.errors import ContractError

if TYPE_CHECKING:
    import jsonschema_rs

LONGEST: Final = 200
_URI: Final = "contract:x-job"


@cache
def definitions() -> dict[str, Any]:
    """`$defs` of x-job.schema.json."""
    definitions_: dict[str, Any] = source.read_json(source.builtin_root(), "x-job.schema.json")["$defs"]
    return definitions_


@cache
def _registry() -> jsonschema_rs.Registry:
    import jsonschema_rs

    return jsonschema_rs.Registry([(_URI, {"$defs": definitions()})])


@cache
def _checker(part: str) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    root = {"$schema": DIALECT, "$ref": f"{_URI}#/$defs/{part}"}
    return jsonschema_rs.Draft202012Validator(root, registry=_registry())


def problems(node: Any, part: str) -> Iterator[tuple[str, str]]:
    """Where `node` breaks that part of x-job.schema.json: JSON pointers within it, each with a message."""
    checker = _checker(part)
    if checker.is_valid(node):
        return
    for error in checker.iter_errors(node):
        yield pointer.write(error.instance_path), _message(error)


def innermost_problem(node: Any, part: str) -> tuple[str, str] | None:
    """Of the problems the one deepest in the node; None where there is none."""
    return max(problems(node, part), key=lambda problem: problem[0].count("/"), default=None)


def check_part(node: Any, part: str, file: str, at: str) -> None:
    """Raise ContractError at the innermost place where `node` breaks that part of x-job.schema.json."""
    innermost = innermost_problem(node, part)
    if innermost is not None:
        raise ContractError(innermost[1], file=file, pointer=at + innermost[0])


def _message(error: jsonschema_rs.ValidationError) -> str:
    import jsonschema_rs

    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        words = _schema_of(error).get("properties", {})
        return f"{kind.unexpected[0]!r} is not a known key here; known keys: {', '.join(words)}"
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Enum):
        return f"{error.instance!r} is not one of {', '.join(map(str, kind.options))}"
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Pattern) and "x-expected" in _schema_of(error):
        return f"{_shortened(str(error.instance))!r} is not right here: {_schema_of(error)['x-expected']}"
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Not):
        refused = object_in(kind.schema)
        if "x-expected" in refused:
            return f"{', '.join(refused['required'])} do not go together: {refused['x-expected']}"
    if error.schema_path[-1] == "oneOf":
        names = [name for branch in _schema_of(error)["oneOf"] for name in branch.get("required", ())]
        return f"needs exactly one of {', '.join(names)}"
    return _shortened(error.message)


def _shortened(text: str) -> str:
    """A long message begins with the value and ends with what is wrong with it: both ends stay."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:60]} ... {text[-(LONGEST - 65) :]}"


def _schema_of(error: jsonschema_rs.ValidationError) -> dict[str, Any]:
    """The schema that holds the broken keyword."""
    path = tuple(map(str, error.schema_path[:-1]))
    return object_in(pointer.follow({"$defs": definitions()}, path))
