"""An exchange's request as a line for the shell. The key is `$API_KEY`, never its value."""

from __future__ import annotations

import shlex
from typing import Final

from mockserver.contract.model import Contract
from mockserver.kit.traffic.exchange import Exchange

_LONGEST: Final = 4000
_OWN: Final = frozenset(
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
    """`curl -X POST URL -H ... --data-raw ...`; a body too long for a line is left out and said so.

    The headers in which `contract` takes a key are hidden besides the usual ones.
    """
    secret = SECRET_HEADERS | (set() if contract is None else credential_headers(contract))
    words = ["curl", "-sS", "-X", exchange.method, shlex.quote(exchange.url)]
    for name, value in exchange.request_headers:
        if name.lower() not in _OWN:
            words += ["-H", _header(name, value, hidden=name.lower() in secret)]
    body = exchange.request_body.decode("utf-8", "replace")
    if len(body) > _LONGEST:
        return f"{' '.join(words)} --data @body.json  # its {len(body)} characters are in the report"
    return " ".join([*words, "--data-raw", shlex.quote(body)] if body else words)


def credential_headers(contract: Contract) -> set[str]:
    """The lower-case names of the headers in which a contract takes a key."""
    operations = contract.operations.values()
    return {one.credential.header.decode() for one in operations if one.credential is not None}


def _header(name: str, value: str, *, hidden: bool) -> str:
    if not hidden:
        return shlex.quote(f"{name}: {value}")
    scheme, space, _ = value.partition(" ")
    return f'"{name}: {scheme + " " if space else ""}$API_KEY"'
