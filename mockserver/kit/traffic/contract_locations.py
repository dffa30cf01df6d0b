"""Locations in a contract: JSON pointers into the bundled document, with references followed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.provenance import KEY

JSON_TYPE: Final = "application/json"
_CONTRACTS: Final = 32
_POINTERS: Final = 4096


def follow(contract: Contract, at: str) -> tuple[str, Any]:
    """The pointer and the node that `at` leads to; references on the way and at the end are followed."""
    return _follower(contract)(at)


@lru_cache(maxsize=_CONTRACTS)
def _follower(contract: Contract) -> Callable[[str], tuple[str, Any]]:
    """What remembers a contract's locations; few contracts have one, as each holds a whole document."""
    return lru_cache(maxsize=_POINTERS)(partial(_follow, contract))


def _follow(contract: Contract, at: str) -> tuple[str, Any]:
    node: Any = contract.document
    here = ""
    for part in pointer.parts(at):
        here, node = _resolve(contract, here, node)
        node = pointer.follow(node, (part,))
        here += pointer.write((part,))
    return _resolve(contract, here, node)


def _resolve(contract: Contract, here: str, node: Any) -> tuple[str, Any]:
    while isinstance(node, dict) and "$ref" in node:
        here = str(node["$ref"]).removeprefix("#")
        node = pointer.follow(contract.document, pointer.parts(here))
    return here, node


@lru_cache(maxsize=512)
def operation(entry: Operation) -> str:
    """The pointer of an operation."""
    return pointer.write(("paths", entry.path, entry.method.lower()))


def provenance(contract: Contract, entry: Operation) -> str:
    """The x-provenance of an operation: the source that documents it."""
    _, node = follow(contract, operation(entry))
    return str(node["x-job"].get(KEY) or node.get(KEY) or contract.document["x-job"].get(KEY, ""))


def response(contract: Contract, entry: Operation, status: int) -> str:
    """The pointer of the response with that status; empty if there is none."""
    at, node = follow(contract, f"{operation(entry)}/responses/{status}")
    return at if isinstance(node, dict) else ""


def answer(contract: Contract, entry: Operation, when: str) -> str:
    """The pointer of the answer of that case: the operation's own, or the whole document's."""
    _, responses = follow(contract, f"{operation(entry)}/responses")
    for status in responses:
        at = _case(contract, f"{operation(entry)}/responses/{status}", when)
        if at:
            return at
    return _case(contract, f"/x-job/answers/{when}/response", when)


def _case(contract: Contract, at: str, when: str) -> str:
    at, node = follow(contract, at)
    if not isinstance(node, dict):
        return ""
    cases = node.get("x-job", [])
    places = {f"{at}/x-job/{index}": case for index, case in enumerate(cases)}
    if isinstance(cases, dict):
        places = {f"{at}/x-job": cases}
    return next((place for place, case in places.items() if when in case["when"]), "")


def request_body(contract: Contract, entry: Operation) -> str:
    """The pointer of the schema of a submit's body."""
    return follow(contract, f"{operation(entry)}/requestBody/content/application~1json/schema")[0]


def scheme(contract: Contract, entry: Operation) -> str:
    """The pointer of an operation's security scheme; empty if the operation needs no key."""
    _, node = follow(contract, operation(entry))
    requirements = node.get("security", contract.document.get("security")) or [{}]
    name = next(iter(requirements[0]), None)
    if name is None:
        return ""
    return pointer.write(("components", "securitySchemes", name))
