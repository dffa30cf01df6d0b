"""Submit requests that a contract allows, all over the space that it documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.source import resolve
from mockserver.errors import SettingsError
from mockserver.kit import contracts
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.instances import Choices, Draw, InstanceGenerator, Unsatisfiable
from mockserver.kit.strategies.partial_validator import judge
from mockserver.kit.strategies.texts import links

Overrides = Mapping[str, st.SearchStrategy[Any]]
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class SubmitRequest:
    """A submit request without its key. `path` starts with one of the contract's prefixes; `model` is the
    model that is meant, also where the body leaves it to the default."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    model: str


def submits(contract: Contract, model: str | None = None) -> list[Operation]:
    """The submit operations, or those that take the model."""
    found = [operation for operation in contract.operations.values() if operation.role == "submit"]
    return [operation for operation in found if model is None or model in models(contract, operation)]


def models(contract: Contract, operation: Operation) -> list[str]:
    """The models that a submit operation takes: the contract's, as far as the body may name them."""
    parts = [body_schema(contract, operation)]
    for name in operation.model_at:
        parts = subschemas.properties(
            contract.document, list(subschemas.everything(contract.document, parts)), name
        )
    return [
        name
        for name in contract.models
        if all(judge(contract.document, part, name) is not False for part in parts)
    ]


def body_schema(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    """The schema of a submit operation's body, its references within the contract's document."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    found: Mapping[str, Any] = node["requestBody"]["content"][JSON]["schema"]
    return found


def from_contract(
    contract: Contract | str,
    model: str | None = None,
    *,
    profile: str = "documented",
    operation: str | None = None,
    prompts: st.SearchStrategy[Any] | None = None,
    images: st.SearchStrategy[Any] | None = None,
    durations: st.SearchStrategy[Any] | None = None,
    callbacks: st.SearchStrategy[Any] | None = None,
    prefixes: st.SearchStrategy[str] | None = None,
    overrides: Overrides | None = None,
    large: bool = False,
    complete: bool = False,
    focus: str = "",
    short: bool = False,
) -> st.SearchStrategy[SubmitRequest]:
    """Valid submit requests: limits, unicode, every combination of optional fields, real small pictures.

    `contract` is one that is loaded, or the name of a built-in one, read by `profile`. `model` and
    `operation` are drawn where they are not given. `overrides` replace any part by its JSON pointer
    (`/payload/prompt`); the other parameters are names for the parts that `x-job` knows. A replaced part
    is still held to the contract: what breaks it is not drawn. `large` adds pictures of exactly the most
    bytes allowed, several megabytes each; `complete` leaves out nothing that can be there, and
    what `focus` points to is there wherever it can be; `short` keeps lists from their full length.
    Raises SettingsError for a model or operation that is not there.
    """
    loaded = contracts.given(contract, profile)
    pairs = [
        (entry, name)
        for entry in submits(loaded)
        for name in models(loaded, entry)
        if model in (None, name) and operation in (None, entry.id)
    ]
    if not pairs:
        said = f"{operation or 'no submit operation'} takes no model {model!r}"
        raise SettingsError(f"{said}; models: {', '.join(loaded.models)}")
    media = {
        **_media(loaded, ("prompt",), prompts),
        **_media(loaded, ("first", "last"), images),
        **_media(loaded, ("seconds",), durations),
    }
    callbacks = links() if callbacks is None else callbacks
    prefixes = st.sampled_from(loaded.prefixes) if prefixes is None else prefixes
    space = _Space(loaded, {**media, **(overrides or {})}, callbacks, prefixes, large, complete, focus, short)

    @st.composite
    def requests(draw: Draw) -> SubmitRequest:
        return _request(draw, space, *pairs[draw(st.integers(0, len(pairs) - 1))])

    return requests()


class _Space(NamedTuple):
    """What every request of one strategy is drawn from."""

    contract: Contract
    overrides: Overrides
    callbacks: st.SearchStrategy[Any]
    prefixes: st.SearchStrategy[str]
    large: bool
    complete: bool
    focus: str
    short: bool


def _media(
    contract: Contract, names: Sequence[str], strategy: st.SearchStrategy[Any] | None
) -> dict[str, st.SearchStrategy[Any]]:
    if strategy is None:
        return {}
    return {pointer.write(contract.media[name]): strategy for name in names if name in contract.media}


def _request(draw: Draw, space: _Space, operation: Operation, model: str) -> SubmitRequest:
    contract = space.contract
    body = _body(draw, space, operation, model)
    prefix = draw(space.prefixes)
    return SubmitRequest(
        operation=operation.id,
        method=operation.method,
        path=prefix + operation.path,
        query=_parameters(draw, contract, operation, "query"),
        headers={"content-type": JSON, **_parameters(draw, contract, operation, "header")},
        body=body,
        model=model,
    )


def _body(draw: Draw, space: _Space, operation: Operation, model: str) -> dict[str, Any]:
    """A body of that model. What a bold try cannot finish, one without surprises does."""
    contract, at = space.contract, operation.model_at
    schemas = [body_schema(contract, operation), _naming(tuple(at), model, model == operation.default_model)]
    told = {} if operation.callback_at is None else {pointer.write(operation.callback_at): space.callbacks}
    overrides = {**told, **space.overrides}
    valid = operation.body.is_valid if operation.body is not None else lambda body: True
    for bold in (True, False):
        choice = Choices(overrides, space.large, bold, at[:1], space.complete, space.focus, space.short)
        try:
            body: dict[str, Any] = InstanceGenerator(contract.document, draw, choice).value(schemas)
        except Unsatisfiable:
            continue
        if valid(body):
            return body
    assume(False)
    raise AssertionError


@lru_cache(maxsize=1024)
def _naming(path: tuple[str, ...], model: str, optional: bool) -> Mapping[str, Any]:
    """A schema that pins the model."""
    if not path:
        return {}
    inner = {"const": model} if len(path) == 1 else _naming(path[1:], model, optional)
    required = [] if optional else [path[0]]
    return {"type": "object", "required": required, "properties": {path[0]: inner}}


def _parameters(draw: Draw, contract: Contract, operation: Operation, place: str) -> dict[str, str]:
    item = contract.document["paths"][operation.path]
    nodes = (*item.get("parameters", ()), *item[operation.method.lower()].get("parameters", ()))
    found: dict[str, str] = {}
    for entry in nodes:
        node = resolve(contract.document, entry)
        if node["in"] == place and (node.get("required") or draw(st.booleans())):
            maker = InstanceGenerator(contract.document, draw, Choices({}, bold=False))
            found[node["name"]] = _plain(draw, maker.value([node.get("schema", {})]), place)
    return found


def _plain(draw: Draw, value: Any, place: str) -> str:
    """A parameter as text; free text in a header is printable ASCII without space at its ends (RFC 9110)."""
    if place == "header" and not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", str(value)):
        return str(draw(st.text("abcXYZ019-_.", min_size=1, max_size=20)))
    return str(value)
