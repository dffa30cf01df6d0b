"""x-job itself: whether a node says what x-job.schema.json lets it say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import jsonschema_rs

from mockserver.contract import pointer, source
from mockserver.contract.validate import DIALECT
from mockserver.errors import ContractError

LONGEST: Final = 200
_URI: Final = "contract:x-job"


@cache
def definitions() -> dict[str, Any]:
    """`$defs` of x-job.schema.json."""
    found: dict[str, Any] = source.read_json(source.builtin_root(), "x-job.schema.json")["$defs"]
    return found


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(_URI, {"$defs": definitions()})])


@cache
def _checker(part: str) -> jsonschema_rs.Draft202012Validator:
    root = {"$schema": DIALECT, "$ref": f"{_URI}#/$defs/{part}"}
    return jsonschema_rs.Draft202012Validator(root, registry=_registry())


def faults(node: Any, part: str) -> Iterator[tuple[str, str]]:
    """JSON pointer within `node` and message of each break of that part of x-job.schema.json."""
    checker = _checker(part)
    if checker.is_valid(node):
        return
    for error in checker.iter_errors(node):
        yield pointer.write(error.instance_path), _message(error)


def conform(node: Any, part: str, file: str, at: str) -> None:
    """Raise ContractError at the innermost place where `node` breaks that part of x-job.schema.json."""
    found = max(faults(node, part), key=lambda fault: fault[0].count("/"), default=None)
    if found is not None:
        raise ContractError(found[1], file=file, pointer=at + found[0])


def _message(error: jsonschema_rs.ValidationError) -> str:
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        words = _schema_of(error).get("properties", {})
        return f"{kind.unexpected[0]!r} is no word here; words: {', '.join(words)}"
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Enum):
        return f"{error.instance!r} is none of {', '.join(map(str, kind.options))}"
    if error.schema_path[-1] == "oneOf":
        names = [name for branch in _schema_of(error)["oneOf"] for name in branch.get("required", ())]
        return f"needs one of {', '.join(names)}, and not more"
    text = error.message
    return text if len(text) <= LONGEST else f"{text[:60]} ... {text[-(LONGEST - 65) :]}"


def _schema_of(error: jsonschema_rs.ValidationError) -> dict[str, Any]:
    """The schema that holds the broken keyword."""
    found = pointer.follow({"$defs": definitions()}, tuple(map(str, error.schema_path[:-1])))
    return found if isinstance(found, dict) else {}
