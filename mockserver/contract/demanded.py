"""Values for the parameters that an operation demands of every request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve


def demanded(contract: Contract, operation: Operation, place: str) -> dict[str, str]:
    """A value for each parameter that an operation demands in `header`, `query` or `path`, where the contract
    names one: as an example, a constant, a default, or a word of an enum."""
    methods = contract.document["paths"][operation.path]
    listed = (*methods.get("parameters", ()), *methods[operation.method.lower()].get("parameters", ()))
    values: dict[str, str] = {}
    for node in (resolve(contract.document, parameter) for parameter in listed):
        if node["in"] == place and node.get("required"):
            value = next(_named_values(node), ABSENT)
            if value is not ABSENT:
                values[node["name"]] = str(value)
    return values


def example_values(contract: Contract, operation: Operation, model: str = "") -> dict[str, str]:
    """An example for each place in the operation's path: a part of that model, what the contract names, a
    part of its first model, or else the name of the place itself."""
    values = {name: name for name in operation.parameters.names("path")}
    values |= _parts(operation, next(iter(contract.models))) | demanded(contract, operation, "path")
    return values | (_parts(operation, model) if model else {})


def _parts(operation: Operation, model: str) -> dict[str, str]:
    """The model's parts by the places of the path that name it; the last has what the others leave."""
    names = [name for place, name in operation.model_places if place == "path"]
    return dict(zip(names, model.split("/", max(len(names) - 1, 0)), strict=False))


def can_name(operation: Operation, model: str) -> bool:
    """Whether a model may stand at the places beside the body that name one; any may where there are none."""
    spare = model.count("/") - len(operation.model_places) + 1
    if not operation.model_places or spare == 0:
        return True
    place, name = operation.model_places[-1]
    return spare > 0 and (place != "path" or name in operation.spans)


def example_path(contract: Contract, operation: Operation, model: str = "") -> str:
    """The operation's path with an example at each of its places, of that model where it names one."""
    path = operation.path
    for name, value in example_values(contract, operation, model).items():
        path = path.replace(f"{{{name}}}", quote(value, safe="/" if name in operation.spans else ""))
    return path


def _named_values(node: Mapping[str, Any]) -> Iterator[Any]:
    schema = node.get("schema", {})
    for holder, name in ((node, "example"), (schema, "const"), (schema, "default")):
        if name in holder:
            yield holder[name]
    yield from schema.get("examples", ())
    yield from schema.get("enum", ())
