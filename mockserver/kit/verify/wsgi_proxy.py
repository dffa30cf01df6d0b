"""The gate: a WSGI application that passes each request on to the target, within its budget.

Schemathesis drives an application that it is handed; handed the gate, nothing it invents leaves but by the
target, which counts, waits, notes in the ledger, and judges by our own checks as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote

from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.budget import BudgetExceeded
from mockserver.kit.verify.target import ServerUnderTest

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
_HOP: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length"}
)
_OWN: Final = frozenset({"host", "content-length", "connection"})


class WsgiProxy:
    """The application. `shut` says why nothing passes any more, empty while something does."""

    def __init__(self, target: ServerUnderTest) -> None:
        self._target = target
        self.shut = ""

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Pass one request on and its answer back."""
        try:
            exchange = self._pass(environ)
        except BudgetExceeded as spent:
            self.shut = str(spent)
            start_response("503 Service Unavailable", [("content-type", "text/plain")])
            return [b"the budget is spent"]
        told = [(name, value) for name, value in exchange.response_headers if name.lower() not in _HOP]
        start_response(f"{exchange.status or 502} -", told)
        return [exchange.response_body]

    def _pass(self, environ: dict[str, Any]) -> Exchange:
        headers = dict(_headers(environ))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        call = self._target.send(environ["REQUEST_METHOD"], _path(environ), headers, body, caller=None)
        return call.exchange


def _headers(environ: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            plain = name[5:].replace("_", "-").lower()
            if plain not in _OWN:
                yield plain, value
    if environ.get("CONTENT_TYPE"):
        yield "content-type", environ["CONTENT_TYPE"]


def _path(environ: dict[str, Any]) -> str:
    """Path and query as they were written, not as they are read."""
    path = str(environ.get("REQUEST_URI") or quote(environ.get("PATH_INFO", "/").encode("latin-1")))
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query and "?" not in path else path
