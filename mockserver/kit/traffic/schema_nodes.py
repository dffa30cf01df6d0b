"""Where a contract speaks of a value: of a fact in an answer, of a field in a submit, of a model's clip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT, follow, parts
from mockserver.contract.provenance import KEY
from mockserver.kit.traffic import facts
from mockserver.kit.traffic.call import Call

_SCHEMA: Final = ("content", "application/json", "schema")
_DEEPEST: Final = 64
Path = tuple[str, ...]


def of_answer(call: Call, at: str = "") -> str:
    """The schema node of a place in a call's answer (or in a callback's body); of the answer as a whole
    where the schema does not have that place."""
    document = call.contract.document
    if call.callback_of is not None:
        callback = facts.callback_at(call.contract, call.callback_of)
        return _place(document, callback, (*callback, "requestBody"), at)
    if call.operation is None:
        return ""
    operation = ("paths", call.operation.path, call.operation.method.lower())
    response = _told(document, (*operation, "responses", str(call.exchange.status)))
    return _place(document, response, response, at)


def of_callback(call: Call) -> str:
    """The callback that a call is, or that a submit promises."""
    operation = call.callback_of or call.operation
    return "" if operation is None else pointer.write(facts.callback_at(call.contract, operation))


def of_state(contract: Contract, word: str) -> str:
    """A state's word."""
    return pointer.write(("x-job", "states", word)) if word in contract.states else "/x-job/states"


def of_clip(contract: Contract, model: str, mode: str) -> str:
    """What a model makes."""
    node = contract.document["x-job"]["models"].get(model, {})
    place: Path = ("clip",) if "clip" in node else ("clips", mode)
    return pointer.write(("x-job", "models", model, *place))


def of_parameter(contract: Contract, model: str, path: Path) -> str:
    """The field of a model's payload that the end of `path`, a place in a submit, leads to."""
    payload = ("x-job", "models", model, "payload")
    found = (_descend(contract.document, payload, path[start:]) for start in range(len(path)))
    return pointer.write(next((one for one in found if one is not None), payload))


def _place(document: Mapping[str, Any], whole: Path, content: Path, at: str) -> str:
    found = _descend(document, (*_followed(document, content), *_SCHEMA), parts(at))
    return pointer.write(whole if found is None else found)


def _descend(document: Mapping[str, Any], path: Path, steps: Path) -> Path | None:
    """The schema node that `steps` of a value are held to, starting from the schema at `path`."""
    for step in steps:
        path = _followed(document, path)
        node = follow(document, path)
        if not isinstance(node, dict):
            return None
        if step in node.get("properties", {}):
            path = (*path, "properties", step)
        elif step.isdigit() and isinstance(node.get("items"), dict):
            path = (*path, "items")
        else:
            return None
    return _told(document, path) if follow(document, path) is not ABSENT else None


def _followed(document: Mapping[str, Any], path: Path, *, to_source: bool = False) -> Path:
    """The path behind a node that refers to another."""
    for _ in range(_DEEPEST):
        node = follow(document, path)
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        if to_source and KEY in node:
            break
        path = parts(node["$ref"].removeprefix("#"))
    return path


def _told(document: Mapping[str, Any], path: Path) -> Path:
    """The same, but no further than to a node that says whose word it is."""
    return _followed(document, path, to_source=True)
