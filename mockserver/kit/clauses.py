"""Where a contract says what: JSON pointers into the bundled document, references followed."""

from __future__ import annotations

from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.provenance import KEY

JSON: Final = "application/json"


def follow(contract: Contract, at: str) -> tuple[str, Any]:
    """The node at `at`, and where it really stands: references on the way and at the end are followed."""
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


def operation(entry: Operation) -> str:
    """Where an operation stands."""
    return pointer.write(("paths", entry.path, entry.method.lower()))


def promised(contract: Contract, entry: Operation) -> str:
    """Who says that there is this operation: its x-provenance."""
    _, node = follow(contract, operation(entry))
    return str(node["x-job"].get(KEY) or node.get(KEY) or "")


def response(contract: Contract, entry: Operation, status: int) -> str:
    """Where the response of that status stands, empty where there is none."""
    at, node = follow(contract, f"{operation(entry)}/responses/{status}")
    return at if isinstance(node, dict) else ""


def answer(contract: Contract, entry: Operation, when: str) -> str:
    """Where the answer of that case stands: of the operation itself, or of the whole document."""
    _, responses = follow(contract, f"{operation(entry)}/responses")
    for status in responses:
        found = _case(contract, f"{operation(entry)}/responses/{status}", when)
        if found:
            return found
    return _case(contract, f"/x-job/answers/{when}/response", when)


def _case(contract: Contract, at: str, when: str) -> str:
    at, node = follow(contract, at)
    if not isinstance(node, dict):
        return ""
    cases = node.get("x-job", [])
    if isinstance(cases, dict):
        return f"{at}/x-job" if when in cases["when"] else ""
    return next((f"{at}/x-job/{index}" for index, case in enumerate(cases) if when in case["when"]), "")


def body(contract: Contract, entry: Operation) -> str:
    """Where the schema of what a submit takes stands."""
    return follow(contract, f"{operation(entry)}/requestBody/content/application~1json/schema")[0]


def scheme(contract: Contract, entry: Operation) -> str:
    """Where the security scheme of an operation stands, empty where it needs no key."""
    _, node = follow(contract, operation(entry))
    needed = node.get("security", contract.document.get("security")) or [{}]
    name = next(iter(needed[0]), None)
    return "" if name is None else pointer.write(("components", "securitySchemes", name))
