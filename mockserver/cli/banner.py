"""What a server prints when it is ready: a banner for people, a line of JSON for programs."""

from __future__ import annotations

import shlex
from itertools import chain
from typing import Any
from urllib.parse import quote

import orjson

from mockserver.contract.first_submit import first_submit
from mockserver.contract.model import Contract
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

    Where not any key is taken, it is in the variable MOCKSERVER_KEY, percent-encoded if it is for a query.
    """
    submit = first_submit(contract, "any-key" if any_key else "MOCKSERVER_KEY")
    headers = (("-H", f"{name}: {value}") for name, value in submit.headers.items())
    words = ["curl", "-s", "-X", submit.method, f"{address}{submit.target}", *chain.from_iterable(headers)]
    words += ["-d", orjson.dumps(submit.body).decode()]
    return " ".join(_word(word, any_key=any_key) for word in words)


def _word(word: str, *, any_key: bool) -> str:
    """A word for a shell, in which the variable of the key is put in where not any key is taken."""
    if any_key or "MOCKSERVER_KEY" not in word:
        return shlex.quote(word)
    return f'"{word.replace("MOCKSERVER_KEY", "$MOCKSERVER_KEY")}"'
