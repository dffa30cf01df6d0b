"""An exchange's request as a shell command. The key is `$API_KEY`, never its value."""

from __future__ import annotations

import shlex
from typing import Final

from mockserver.contract.model import Contract
from mockserver.kit.traffic.exchange import Exchange

_LONGEST: Final = 4000
_SET_BY_CLIENT: Final = frozenset(
    {
        "host",
        "content-length",
        "connection",
        "accept-encoding",
        "user-agent",
        "accept",
        "x-schemathesis-testcaseid",
    }
)
SECRET_HEADERS: Final = frozenset({"authorization", "x-api-key", "api-key", "proxy-authorization", "cookie"})


def curl_command(exchange: Exchange, contract: Contract | None = None) -> str:
    """`curl -X POST URL -H ... --data-raw ...`; a comment stands in for a body too long for a line.

    The headers in which `contract` takes a key are hidden besides the usual ones.
    """
    secrets = set(SECRET_HEADERS)
    if contract is not None:
        secrets |= credential_headers(contract)
    words = ["curl", "-sS", "-X", exchange.method, shlex.quote(exchange.url)]
    for name, value in exchange.request_headers:
        if name.lower() in secrets:
            words += ["-H", _secret_header(name, value)]
        elif name.lower() not in _SET_BY_CLIENT:
            words += ["-H", shlex.quote(f"{name}: {value}")]
    body = exchange.request_body.decode("utf-8", "replace")
    if len(body) > _LONGEST:
        return f"{' '.join(words)} --data @body.json  # its {len(body)} characters are in the report"
    if body:
        words += ["--data-raw", shlex.quote(body)]
    return " ".join(words)


def credential_headers(contract: Contract) -> set[str]:
    """The lower-case names of the headers in which a contract takes a key."""
    credentials = (operation.credential for operation in contract.operations.values())
    return {credential.header.decode() for credential in credentials if credential is not None}


def _secret_header(name: str, value: str) -> str:
    scheme, space, _ = value.partition(" ")
    prefix = f"{scheme} " if space else ""
    return f'"{name}: {prefix}$API_KEY"'
