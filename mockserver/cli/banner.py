"""What a server says when it is ready: to people, and to programs."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.contract.model import Contract, Operation
from mockserver.contract.source import resolve
from mockserver.engine.pipeline import Engine


def handshake(engine: Engine, address: str, pid: int) -> dict[str, Any]:
    """One JSON line: the server's URL, its control plane, and each provider's base URLs."""
    providers = {
        name: [address + prefix for prefix in contract.prefixes]
        for name, contract in engine.contracts.items()
    }
    return {"url": address, "control": f"{address}/__mock", "pid": pid, "providers": providers}


def banner(engine: Engine, address: str, store: str) -> str:
    """The three base URLs, and one line to paste for each."""
    lines = [f"mockserver is ready at {address}  (Ctrl-C stops it)", ""]
    for contract in engine.contracts.values():
        lines += [contract.title, *(f"  base URL  {address}{prefix}" for prefix in contract.prefixes)]
        lines += [f"  try       {curl(contract, address)}", ""]
    profile = next(iter(engine.contracts.values())).profile
    lines += [f"profile {profile}, jobs in {store}, control plane {address}/__mock"]
    return "\n".join(lines)


def curl(contract: Contract, address: str) -> str:
    """One curl line that submits the contract's first example."""
    operation = next(entry for entry in contract.operations.values() if entry.role == "submit")
    body = orjson.dumps(example(contract, operation)).decode().replace("'", "'\\''")
    url = f"{address}{contract.prefixes[0]}{operation.path}"
    return f"curl -s {url} -H 'Authorization: Bearer any-key' -H 'Content-Type: application/json' -d '{body}'"


def example(contract: Contract, operation: Operation) -> Any:
    """The first example of a submit body, or an empty one where the contract has none."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    examples = node["requestBody"]["content"]["application/json"].get("examples", {})
    first = resolve(contract.document, next(iter(examples.values()), {}))
    return first.get("value", {})
