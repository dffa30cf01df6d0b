"""A relay between client and server that changes answers, each within what the contract permits."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.kit.conform.case import Kind
from mockserver.kit.strategies.mutations import REMOVED, Mutation, apply
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.exchange import Exchange

_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "transfer-encoding",
        "content-length",
        "content-encoding",
        "host",
        "te",
        "upgrade",
    }
)


@dataclass(frozen=True, slots=True)
class AnswerMutation:
    """One change of the answers of a role: in those of that `phase`, a value at a path, or its removal."""

    role: str
    phase: str
    path: tuple[str, ...]
    value: Any
    kind: Kind

    @property
    def sentence(self) -> str:
        """The change in words."""
        at = pointer.write(self.path)
        where = f"answer to {self.role}, job {self.phase}: {at}"
        if self.kind == "absent":
            return f"{where} is absent"
        shown = json.dumps(self.value, ensure_ascii=False)
        shown = shown if len(shown) <= 120 else f"{shown[:117]}..."
        return f"{where} {'is there too, as' if self.kind == 'unknown' else 'is'} {shown}"


@contextmanager
def relayed(base: str, contract: Contract, changes: Sequence[AnswerMutation]) -> Iterator[str]:
    """A base URL that leads to `base` by way of the changes, until the block ends."""
    relay = _Relay(base, contract, changes)
    thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{relay.server_port}{urlsplit(base).path}"
    finally:
        relay.shutdown()
        relay.server_close()
        relay.upstream.close()
        thread.join()


class _Relay(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, base: str, contract: Contract, changes: Sequence[AnswerMutation]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = base.removesuffix(urlsplit(base).path) if urlsplit(base).path else base
        self.upstream = httpx.Client(
            trust_env=False, timeout=60, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        )
        self.reader = Reader(contract)
        self.changes = tuple(changes)

    def changed(self, exchange: Exchange) -> bytes:
        """The answer's body with every change that fits it and keeps its schema."""
        call = self.reader.read(exchange)
        if not call.succeeded or call.operation is None:
            return exchange.response_body
        body = changed(call, call.answered, self.changes)
        return exchange.response_body if body is call.answered else json.dumps(body).encode()


def changed(call: Call, body: Any, changes: Sequence[AnswerMutation]) -> Any:
    """The body with those changes that are about such an answer; each only where the schema still holds."""
    assert call.operation is not None
    schema = call.operation.answers["default"].schema
    phase = next((one.phase for one in call.sightings if one.phase), "") or ""
    for change in changes:
        if change.role != call.role or change.phase != phase:
            continue
        try:
            other = apply(body, Mutation(change.path, REMOVED if change.kind == "absent" else change.value))
        except (LookupError, ValueError, TypeError):
            continue
        if schema is None or schema.is_valid(other):
            body = other
    return body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Relay

    def do_GET(self) -> None:
        self._pass_on()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET  # noqa: N815

    def _pass_on(self) -> None:
        body = self._body()
        headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _HOP]
        try:
            answer = self.server.upstream.request(
                self.command, self.server.target + self.path, headers=headers, content=body or None
            )
        except httpx.HTTPError:
            self.close_connection = True
            return
        told = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP]
        exchange = Exchange(
            0, 0.0, 0.0, self.command, str(answer.request.url), tuple(headers), body,
            answer.status_code, tuple(told), answer.content,
        )  # fmt: skip
        self._answer(answer.status_code, told, self.server.changed(exchange))

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0].strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _answer(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def difference(
    before: Any, after: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any, Kind]]:
    """Where two bodies differ: path, value and kind, as deep as the objects go."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            old, new = before.get(name, ABSENT), after.get(name, ABSENT)
            if new is ABSENT:
                yield (*path, name), None, "absent"
            elif old is ABSENT:
                yield (*path, name), new, "unknown"
            else:
                yield from difference(old, new, (*path, name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from difference(old, new, (*path, str(index)))
    elif before != after or type(before) is not type(after):
        yield path, after, "changed"
