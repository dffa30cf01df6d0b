"""Where a contract says what: JSON pointers into the bundled document, references followed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.provenance import KEY

JSON_TYPE: Final = "application/json"
_MOST: Final = 4096
_CONTRACTS: Final = 32


def follow(contract: Contract, at: str) -> tuple[str, Any]:
    """The node at `at`, and where it really stands: references on the way and at the end are followed."""
    found = _remembered(contract)
    if at not in found:
        found[at] = _follow(contract, at)
    return found[at]


_known: dict[int, tuple[Any, dict[str, tuple[str, Any]]]] = {}


def _remembered(contract: Contract) -> dict[str, tuple[str, Any]]:
    """What was looked up in a contract before; its document is kept beside that, so its id stays its own."""
    kept = _known.get(id(contract.document))
    if kept is None or len(kept[1]) >= _MOST:
        if len(_known) >= _CONTRACTS:
            _known.clear()
        kept = _known[id(contract.document)] = (contract.document, {})
    return kept[1]


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


def operation(entry: Operation) -> str:
    """Where an operation stands."""
    return _operation(entry.path, entry.method)


@lru_cache(maxsize=512)
def _operation(path: str, method: str) -> str:
    return pointer.write(("paths", path, method.lower()))


def provenance(contract: Contract, entry: Operation) -> str:
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


def request_body(contract: Contract, entry: Operation) -> str:
    """Where the schema of what a submit takes stands."""
    return follow(contract, f"{operation(entry)}/requestBody/content/application~1json/schema")[0]


def scheme(contract: Contract, entry: Operation) -> str:
    """Where the security scheme of an operation stands, empty where it needs no key."""
    _, node = follow(contract, operation(entry))
    needed = node.get("security", contract.document.get("security")) or [{}]
    name = next(iter(needed[0]), None)
    return "" if name is None else pointer.write(("components", "securitySchemes", name))
