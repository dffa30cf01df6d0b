"""Valid submit requests, from all of the space that a contract documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, NamedTuple, TypeVar

from hypothesis import assume
from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.demanded import can_name, example_path
from mockserver.contract.model import Contract, Operation
from mockserver.contract.router import Router
from mockserver.contract.source import resolve
from mockserver.errors import SettingsError
from mockserver.kit import contracts
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.instances import Choices, Draw, InstanceGenerator, Unsatisfiable
from mockserver.kit.strategies.partial_validator import validate_partial
from mockserver.kit.strategies.texts import links
from mockserver.kit.strategies.verdicts import PENDING, Document
from mockserver.terms import MAKERS

Overrides = Mapping[str, st.SearchStrategy[Any]]
Item = TypeVar("Item")
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class SubmitRequest:
    """A submit request without its key. `path` starts with `prefix`, one of the contract's; `model` is the
    requested model, also if the body leaves it to the default."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    model: str
    prefix: str = ""


def submits(contract: Contract, model: str | None = None) -> list[Operation]:
    """The submit operations, or those that take the model."""
    operations = [operation for operation in contract.operations.values() if operation.role == "submit"]
    return [operation for operation in operations if model is None or model in models(contract, operation)]


def models(contract: Contract, operation: Operation) -> list[str]:
    """The models that a submit operation takes: those of the contract that its body may name.

    One stands for all where the request names none.
    """
    if operation.model_places:
        return [name for name in contract.models if reaches(contract, operation, name)]
    if not operation.model_at:
        return [operation.default_model or next(iter(contract.models))]
    document, schema = contract.document, body_schema(contract, operation)
    return [
        name
        for name in contract.models
        if validate_partial(document, schema, _naming_only(document, [schema], operation.model_at, name))
        is not False
    ]


def reaches(contract: Contract, operation: Operation, model: str) -> bool:
    """Whether a request for that model is one of the operation: the path with it may lead to another one,
    which has it in plain letters, and where nothing names a model it is of one alone."""
    if not operation.model_places:
        return bool(operation.model_at) or operation.default_model in (None, model)
    path = contract.prefixes[0] + example_path(contract, operation, model)
    match = _router(contract).find(operation.method, path)
    return can_name(operation, model) and match is not None and match.operation is operation


@lru_cache(maxsize=16)
def _router(contract: Contract) -> Router:
    return Router([contract])


def _naming_only(document: Document, schemas: Sequence[Any], path: Sequence[str], model: str) -> Any:
    """A body in which nothing is decided but the model at `path`."""
    if not path:
        return model
    nodes = list(subschemas.everything(document, schemas))
    undecided = dict.fromkeys(subschemas.names(document, schemas), PENDING)
    inner = subschemas.properties(document, nodes, path[0])
    return {**undecided, path[0]: _naming_only(document, inner, path[1:], model)}


def body_schema(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    """The schema of a submit operation's body, its references within the contract's document."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    schema: Mapping[str, Any] = node["requestBody"]["content"][JSON]["schema"]
    return schema


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

    `contract` is a loaded one, or the name of a built-in one, read by `profile`. `model` and `operation` are
    drawn if they are not given. `overrides` replace any part by its JSON pointer (`/payload/prompt`); the
    other parameters are names for the parts that `x-job` knows. A request whose replaced part breaks the
    contract is not drawn. `large` adds pictures of exactly the most bytes allowed, several megabytes each.
    `complete` leaves out nothing that can be there, and `focus` points to a value that is there wherever it
    can be. `short` keeps lists short. Raises SettingsError for an unknown model or operation.
    """
    loaded = contracts.as_contract(contract, profile)
    pairs = _pairs(loaded, model, operation)
    parts = {
        **_media(loaded, ("prompt",), prompts),
        **_media(loaded, ("first", "last"), images),
        **_media(loaded, ("seconds",), durations),
        **(overrides or {}),
    }
    if callbacks is None:
        callbacks = links()
    if prefixes is None:
        prefixes = st.sampled_from(loaded.prefixes)
    choices = Choices(parts, large=large, complete=complete, focus=focus, short=short)
    space = _Space(loaded, choices, callbacks, prefixes)

    # First the operation, then the model: one that takes few models is drawn as often as one that takes many.
    groups = [list(group) for _, group in groupby(pairs, key=lambda pair: pair[0].id)]

    @st.composite
    def requests(draw: Draw) -> SubmitRequest:
        group = _drawn(draw, groups)
        return _request(draw, space, *group[draw(st.integers(0, len(group) - 1))])

    return requests()


class _Space(NamedTuple):
    """What every request of one strategy is drawn from."""

    contract: Contract
    choices: Choices
    callbacks: st.SearchStrategy[Any]
    prefixes: st.SearchStrategy[str]


def _pairs(contract: Contract, model: str | None, operation: str | None) -> list[tuple[Operation, str]]:
    """Every submit operation with every model that it takes, or the operation of that id, a session too.

    Raises SettingsError if there is no pair.
    """
    makers = [entry for entry in contract.operations.values() if entry.role in MAKERS]
    operations = [entry for entry in makers if entry.id == operation] if operation else submits(contract)
    pairs = [(entry, name) for entry in operations for name in models(contract, entry)]
    if model is not None:
        pairs = [(entry, name) for entry, name in pairs if name == model]
    if not pairs:
        refused = f"{operation or 'no submit operation'} takes no model {model!r}"
        raise SettingsError(f"{refused}; models: {', '.join(contract.models)}")
    return pairs


def _drawn(draw: Draw, items: Sequence[Item]) -> Item:
    """One of the items; nothing is drawn where there is no choice."""
    return items[0] if len(items) == 1 else items[draw(st.integers(0, len(items) - 1))]


def _media(
    contract: Contract, names: Sequence[str], strategy: st.SearchStrategy[Any] | None
) -> dict[str, st.SearchStrategy[Any]]:
    if strategy is None:
        return {}
    places = [submit.media.get(name) for submit in submits(contract) for name in names]
    return {pointer.write(place): strategy for place in places if place is not None}


def _request(draw: Draw, space: _Space, operation: Operation, model: str) -> SubmitRequest:
    contract = space.contract
    body = _body(draw, space, operation, model)
    prefix = draw(space.prefixes)
    return SubmitRequest(
        operation=operation.id,
        method=operation.method,
        path=prefix + example_path(contract, operation, model),
        query=_parameters(draw, space, operation, "query"),
        headers={"content-type": JSON, **_parameters(draw, space, operation, "header")},
        body=body,
        model=model,
        prefix=prefix,
    )


def _body(draw: Draw, space: _Space, operation: Operation, model: str) -> dict[str, Any]:
    """A body for that model. If a draw with bold texts reaches a dead end, one without them follows."""
    contract, at = space.contract, operation.model_at
    schemas = [body_schema(contract, operation), _naming(tuple(at), model, model == operation.default_model)]
    overrides = dict(space.choices.overrides)
    if operation.callback_at is not None:
        overrides.setdefault(pointer.write(operation.callback_at), space.callbacks)
    for bold in (True, False):
        choices = space.choices._replace(overrides=overrides, bold=bold, first=at[:1])
        try:
            body: dict[str, Any] = InstanceGenerator(contract.document, draw, choices).value(schemas)
        except Unsatisfiable:
            continue
        if operation.body is None or operation.body.is_valid(body):
            return body
    assume(False)
    raise AssertionError


@lru_cache(maxsize=1024)
def _naming(path: tuple[str, ...], model: str, optional: bool) -> Mapping[str, Any]:
    """A schema that demands the model at that path, or allows the path to be absent if `optional`."""
    if not path:
        return {}
    schema: Mapping[str, Any] = {"const": model}
    for name in reversed(path):
        required = [] if optional else [name]
        schema = {"type": "object", "required": required, "properties": {name: schema}}
    return schema


def _parameters(draw: Draw, space: _Space, operation: Operation, place: str) -> dict[str, str]:
    contract = space.contract
    path_item = contract.document["paths"][operation.path]
    method = path_item[operation.method.lower()]
    parameters: dict[str, str] = {}
    for entry in (*path_item.get("parameters", ()), *method.get("parameters", ())):
        node = resolve(contract.document, entry)
        if node["in"] != place or (operation.wait is not None and operation.wait.is_at(node)):
            continue
        if not (node.get("required") or draw(st.booleans())):
            continue
        if operation.callback_place == (place, node["name"]):
            parameters[node["name"]] = str(draw(space.callbacks))
        else:
            generator = InstanceGenerator(contract.document, draw, Choices({}, bold=False))
            parameters[node["name"]] = _plain(draw, generator.value([node.get("schema", {})]), place)
    return parameters


def _plain(draw: Draw, value: Any, place: str) -> str:
    """A parameter as text; free text in a header is printable ASCII without space at its ends (RFC 9110)."""
    if place == "header" and not re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", str(value)):
        return str(draw(st.text("abcXYZ019-_.", min_size=1, max_size=20)))
    return str(value)
