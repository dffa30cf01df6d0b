"""An exchange's request as a line for the shell. The key is `$API_KEY`, never its value."""

from __future__ import annotations

import shlex
from typing import Final

from mockserver.kit.exchange import Exchange

_LONGEST: Final = 4000
_OWN: Final = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent", "accept"})
SECRET: Final = frozenset({"authorization", "x-api-key", "api-key", "proxy-authorization", "cookie"})


def curl(exchange: Exchange) -> str:
    """`curl -X POST URL -H ... --data-raw ...`; a body too long for a line is left out and said so."""
    words = ["curl", "-sS", "-X", exchange.method, shlex.quote(exchange.url)]
    for name, value in exchange.request_headers:
        if name.lower() not in _OWN:
            words += ["-H", _header(name, value)]
    body = exchange.request_body.decode("utf-8", "replace")
    if len(body) > _LONGEST:
        return f"{' '.join(words)} --data @body.json  # its {len(body)} characters are in the report"
    return " ".join([*words, "--data-raw", shlex.quote(body)] if body else words)


def _header(name: str, value: str) -> str:
    if name.lower() not in SECRET:
        return shlex.quote(f"{name}: {value}")
    scheme, space, _ = value.partition(" ")
    return f'"{name}: {scheme + " " if space else ""}$API_KEY"'
