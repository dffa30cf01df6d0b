"""A WSGI application that passes each request on to the target, within its budget.

Schemathesis calls the WSGI application that it is given. With this one, every request that it generates goes
through the target, which counts it, waits, writes the ledger, and applies our own checks as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote

from schemathesis.transport.wsgi import WSGI_TRANSPORT, WSGITransport

from mockserver.contract.carriage import Carriage
from mockserver.kit.redaction import end_to_end
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.verify.budget import BudgetExceeded
from mockserver.kit.verify.target import ServerUnderTest

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
NOT_JUDGED: Final = "x-mockserver-not-judged"
"""Header of an answer whose body was too large to be passed on, so that nobody can judge it."""
_CASE: Final = "x-schemathesis-testcaseid"
_OF_SOCKETS: Final = frozenset({"cert", "max_redirects", "proxies", "verify"})
"""Settings of network calls, which schemathesis leaves in a call without a session."""
_NOT_PASSED_ON: Final = frozenset({"host", "content-length", "connection"})


class WsgiProxy:
    """The application, which adds to each request what `carried` says of the key.

    `closed` says why it passes nothing on any more; it is empty while it does.

    `exchanges` has what was passed on since it was last cleared, by schemathesis' id of the case.
    """

    def __init__(self, target: ServerUnderTest, carried: Carriage | None = None) -> None:
        self._target = target
        self._carried = carried or Carriage({}, {})
        self.closed = ""
        self.exchanges: dict[str, Exchange] = {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Pass one request on, and its response back."""
        try:
            exchange = self._pass(environ)
        except BudgetExceeded as spent:
            self.closed = str(spent)
            start_response("503 Service Unavailable", [("content-type", "text/plain")])
            return [b"the budget is spent"]
        headers = list(end_to_end(exchange.response_headers))
        if exchange.left_out is not None:
            headers.append((NOT_JUDGED, "body"))
        start_response(f"{exchange.status or 502} -", headers)
        return [exchange.response_body]

    def _pass(self, environ: dict[str, Any]) -> Exchange:
        headers = dict(_headers(environ))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        headers |= {name.lower(): value for name, value in self._carried.headers.items()}
        url = self._carried.url(_path(environ))
        call = self._target.send(environ["REQUEST_METHOD"], url, headers, body, caller=None)
        self.exchanges[headers.get(_CASE, "")] = call.exchange
        return call.exchange


class ProxyTransport(WSGITransport):
    """Calls the application, whatever the settings of a network call that a check hands on."""

    def __init__(self) -> None:
        super().__init__()
        self._copy_serializers_from(WSGI_TRANSPORT)

    def send(self, case: Any, *, session: Any = None, **settings: Any) -> Any:
        """Send one case, and give its response."""
        wanted = {name: value for name, value in settings.items() if name not in _OF_SOCKETS}
        return super().send(case, session=session, **wanted)


def through_proxy(schema: Any, proxy: WsgiProxy) -> Any:
    """The schema, with calls that go through the proxy."""
    transport = ProxyTransport()
    kind = type(schema)
    schema.__class__ = type(
        kind.__name__, (kind,), {"__slots__": (), "transport": property(lambda _: transport)}
    )
    schema.app = proxy
    return schema


def _headers(environ: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            plain = name[5:].replace("_", "-").lower()
            if plain not in _NOT_PASSED_ON:
                yield plain, value
    if environ.get("CONTENT_TYPE"):
        yield "content-type", environ["CONTENT_TYPE"]


def _path(environ: dict[str, Any]) -> str:
    """Path and query as they were sent, before any decoding."""
    path = str(environ.get("REQUEST_URI") or quote(environ.get("PATH_INFO", "/").encode("latin-1")))
    query = environ.get("QUERY_STRING", "")
    if query and "?" not in path:
        return f"{path}?{query}"
    return path
