"""OpenAPI's own links of responses: each leads to an operation of the contract, by parameters that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.bundled import Bundled
from mockserver.contract.model import Operation
from mockserver.contract.unchecked import object_in


def check_links(bundled: Bundled, operations: Mapping[str, Operation]) -> None:
    """Raise ContractError for a link to an operation that is not there, or by a parameter that it lacks."""
    for link, at in _links(bundled, operations):
        name = link.get("operationId")
        if name is None:
            continue
        if not isinstance(name, str) or name not in operations:
            raise bundled.error(f"{name!r} is not one of the operations", f"{at}/operationId")
        known = _names(operations[name])
        for parameter in object_in(link.get("parameters")):
            # A name may have its place before it, as in path.id.
            if known.isdisjoint({parameter.lower(), parameter.partition(".")[2].lower()}):
                listed = ", ".join(sorted(known)) or "it has none"
                message = f"{parameter!r} is not a parameter of {name}; parameters: {listed}"
                raise bundled.error(message, f"{at}/parameters{pointer.write((parameter,))}")


def _names(operation: Operation) -> set[str]:
    """The names of its parameters, in lower case."""
    places = ("path", "query", "header")
    return {name.lower() for place in places for name in operation.parameters.names(place)}


def _links(bundled: Bundled, operations: Mapping[str, Operation]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every link, with its JSON pointer."""
    for operation in operations.values():
        path = ("paths", operation.path, operation.method.lower(), "responses")
        for status in object_in(pointer.follow(bundled.document, path)):
            at, node = bundled.follow(pointer.write((*path, status)))
            for name, link in object_in(object_in(node).get("links")).items():
                if isinstance(link, dict):
                    yield link, f"{at}/links{pointer.write((name,))}"
