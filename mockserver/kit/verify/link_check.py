"""The check of links that were not followed. It is here because only a live run follows links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.fetched_files import fetched_files
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import NOT_FOLLOWED
from mockserver.kit.traffic.history import History

_SOURCE: Final = "THIRD-PARTY OWASP, Server-Side Request Forgery Prevention: internal addresses"


@check("links.public", "A link leads to a public address, or to one of the kind that the endpoint has.")
def public(call: Call, history: History) -> Iterator[Breach]:
    """Where it leads into the network of whoever follows it, it was not followed."""
    for file in fetched_files(call, history):
        if call.exchange.error.startswith(NOT_FOLLOWED):
            yield file.breach("a public address", call.exchange.error, source=_SOURCE)
