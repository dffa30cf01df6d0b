"""The nodes of a contract that describe a value: a fact in an answer, a field in a submit, a model's clip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT, follow, parts
from mockserver.contract.provenance import KEY
from mockserver.kit.traffic import answer_templates
from mockserver.kit.traffic.call import Call

_SCHEMA: Final = ("content", "application/json", "schema")
_DEEPEST: Final = 64
Path = tuple[str, ...]


def of_answer(call: Call, at: str = "") -> str:
    """The schema node of the pointer `at` into a call's answer (or a callback's body); the response's node
    if the schema does not describe that pointer."""
    document = call.contract.document
    if call.callback_of is not None:
        callback = answer_templates.callback_at(call.contract, call.callback_of)
        return _node(document, callback, (*callback, "requestBody"), at)
    if call.operation is None:
        return ""
    operation = ("paths", call.operation.path, call.operation.method.lower())
    response = _to_source(document, (*operation, "responses", str(call.exchange.status)))
    return _node(document, response, response, at)


def of_callback(call: Call) -> str:
    """The node of the callback that a call is, or that a submit promises."""
    operation = call.callback_of or call.operation
    if operation is None:
        return ""
    return pointer.write(answer_templates.callback_at(call.contract, operation))


def of_state(contract: Contract, word: str) -> str:
    """The node of a state's word, else that of all states."""
    path: Path = ("x-job", "states")
    if word in contract.states:
        path = (*path, word)
    return pointer.write(path)


def of_clip(contract: Contract, model: str, mode: str) -> str:
    """The node of a model's clip in one mode."""
    node = contract.document["x-job"]["models"].get(model, {})
    path: Path = ("clip",) if "clip" in node else ("clips", mode)
    return pointer.write(("x-job", "models", model, *path))


def of_parameter(contract: Contract, model: str, path: Path) -> str:
    """The schema node of a model's parameter; `path` leads to the parameter in a submit's body."""
    # A model's payload is a part of the body, at a depth that differs between providers: the longest end
    # of the path that the payload's schema describes is the parameter.
    payload = ("x-job", "models", model, "payload")
    nodes = (_descend(contract.document, payload, path[start:]) for start in range(len(path)))
    return pointer.write(next((node for node in nodes if node is not None), payload))


def _node(document: Mapping[str, Any], fallback: Path, content: Path, at: str) -> str:
    node = _descend(document, (*_followed(document, content), *_SCHEMA), parts(at))
    return pointer.write(fallback if node is None else node)


def _descend(document: Mapping[str, Any], path: Path, steps: Path) -> Path | None:
    """The schema node that describes `steps` of a value, starting from the schema at `path`."""
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
    if follow(document, path) is ABSENT:
        return None
    return _to_source(document, path)


def _followed(document: Mapping[str, Any], path: Path, *, to_source: bool = False) -> Path:
    """The path at the end of a chain of references."""
    for _ in range(_DEEPEST):
        node = follow(document, path)
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            break
        if to_source and KEY in node:
            break
        path = parts(node["$ref"].removeprefix("#"))
    return path


def _to_source(document: Mapping[str, Any], path: Path) -> Path:
    """The same, but no further than to a node with an x-provenance."""
    return _followed(document, path, to_source=True)
