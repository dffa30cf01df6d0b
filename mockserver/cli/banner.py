"""What a server prints when it is ready: a banner for people, a line of JSON for programs."""

from __future__ import annotations

import shlex
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from mockserver.contract.demanded import demanded
from mockserver.contract.model import Contract, Operation
from mockserver.contract.source import resolve
from mockserver.engine.services import Services
from mockserver.escapes import plain_line


def handshake(services: Services, address: str, listening: str, control: str, pid: int) -> dict[str, Any]:
    """One JSON line: the server's URL, its control plane and token, and each provider's base URLs.

    `address` is how clients reach it, `listening` where it listens; they differ under `--public-url`.
    """
    providers = {
        name: [address + prefix for prefix in contract.prefixes]
        for name, contract in services.contracts.items()
    }
    token = services.settings.token
    return {
        "url": address, "listening": listening, "control": control, "token": token, "pid": pid,
        "providers": providers,
    }  # fmt: skip


def banner(services: Services, address: str, control: str) -> str:
    """The three base URLs, a command to try for each, and the control plane's address and token."""
    lines = [f"mockserver is ready at {address}  (Ctrl-C stops it)", ""]
    for contract in services.contracts.values():
        lines += [
            plain_line(contract.title),
            *(f"  base URL  {address}{prefix}" for prefix in contract.prefixes),
        ]
        lines += [f"  try       {curl(contract, address, any_key=not services.settings.keys)}", ""]
    profile = next(iter(services.contracts.values())).profile
    lines += [f"profile {profile}, jobs in {services.settings.store}"]
    lines += [f"control plane {control}  token {services.settings.token}"]
    lines += [f"watch it      {page_link(control, services.settings.token or '')}  (mockserver open)"]
    return "\n".join(lines)


def page_link(control: str, token: str) -> str:
    """The link to the page of the server whose control plane is there, with the token behind a #."""
    address = control.rstrip("/").removesuffix("/__mock")
    return f"{address}/#token={quote(token, safe='')}"


def curl(contract: Contract, address: str, *, any_key: bool = True) -> str:
    """One line for a shell that submits the contract's first example, with the key where the contract has it.

    Where not any key is taken, it is in the variable MOCKSERVER_KEY.
    """
    operation = next(operation for operation in contract.operations.values() if operation.role == "submit")
    query = demanded(contract, operation, "query")
    url = f"{address}{contract.prefixes[0]}{operation.path}" + (f"?{urlencode(query)}" if query else "")
    words = ["curl", "-s", "-X", operation.method, url]
    for name, value in demanded(contract, operation, "header").items():
        words += ["-H", f"{name}: {value}"]
    body = orjson.dumps(example(contract, operation)).decode()
    words += ["-H", "Content-Type: application/json", "-d", body]
    return shlex.join(words) + _key(operation, any_key=any_key)


def _key(operation: Operation, *, any_key: bool) -> str:
    if operation.credential is None:
        return ""
    header, scheme = operation.credential.name.decode().title(), operation.credential.scheme.capitalize()
    before = f"{header}: {scheme} " if scheme else f"{header}: "
    return f" -H '{before}any-key'" if any_key else f' -H "{before}$MOCKSERVER_KEY"'


def example(contract: Contract, operation: Operation) -> Any:
    """The first example of a submit body, or an empty one where the contract has none."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    examples = node["requestBody"]["content"]["application/json"].get("examples", {})
    first = resolve(contract.document, next(iter(examples.values()), {}))
    return first.get("value", {})
