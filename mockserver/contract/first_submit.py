"""A submit to try: the request that the contract's first example makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mockserver.contract.carriage import carriage
from mockserver.contract.demanded import demanded, example_path
from mockserver.contract.model import Contract, Operation
from mockserver.contract.source import resolve


class FirstSubmit(NamedTuple):
    """A request below the server's address: method, path with query, headers, and a body of JSON."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: Any


def first_submit(contract: Contract, key: str) -> FirstSubmit:
    """The first submit of a contract, at its first base URL, with the key and everything that it demands."""
    operation = next(operation for operation in contract.operations.values() if operation.role == "submit")
    query, carried = demanded(contract, operation, "query"), carriage(operation, key)
    target = contract.prefixes[0] + example_path(contract, operation)
    target = carried.url(f"{target}?{urlencode(query)}" if query else target)
    headers = {
        **demanded(contract, operation, "header"),
        "Content-Type": "application/json",
        **carried.headers,
    }
    return FirstSubmit(operation.method, target, headers, example_body(contract, operation))


def example_body(contract: Contract, operation: Operation) -> Any:
    """The first example of a submit body, or the shortest legal one where the contract has none."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    examples = node.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
    if examples:
        return resolve(contract.document, next(iter(examples.values()))).get("value", {})
    from mockserver.contract.legal_bodies import legal_bodies

    return next((legal.body for legal in legal_bodies(contract, operation)), {})
