"""Values for the parameters that an operation demands of every request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve


def demanded(contract: Contract, operation: Operation, place: str) -> dict[str, str]:
    """A value for each parameter that an operation demands in `header` or `query`, where the contract names
    one: as an example, a constant, a default, or a word of an enum."""
    methods = contract.document["paths"][operation.path]
    listed = (*methods.get("parameters", ()), *methods[operation.method.lower()].get("parameters", ()))
    values: dict[str, str] = {}
    for node in (resolve(contract.document, parameter) for parameter in listed):
        if node["in"] == place and node.get("required"):
            value = next(_named_values(node), ABSENT)
            if value is not ABSENT:
                values[node["name"]] = str(value)
    return values


def _named_values(node: Mapping[str, Any]) -> Iterator[Any]:
    schema = node.get("schema", {})
    for holder, name in ((node, "example"), (schema, "const"), (schema, "default")):
        if name in holder:
            yield holder[name]
    yield from schema.get("examples", ())
    yield from schema.get("enum", ())
