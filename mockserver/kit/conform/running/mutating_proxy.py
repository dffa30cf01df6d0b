"""A proxy between client and server that changes answers, each within what the contract permits."""

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
from mockserver.kit.conform.case import MutationKind
from mockserver.kit.redaction import end_to_end
from mockserver.kit.strategies.mutations import REMOVED, Mutation, apply
from mockserver.kit.traffic.body_limits import MAX_REQUEST
from mockserver.kit.traffic.call import Call, Reader
from mockserver.kit.traffic.exchange import Exchange

_LONGEST_LINE: Final = 4096
"""Bytes of a line between two parts of a chunked body."""


@dataclass(frozen=True, slots=True)
class AnswerMutation:
    """A change of the answers of a role that show that `phase`: a value at a path, or its removal."""

    role: str
    phase: str
    path: tuple[str, ...]
    value: Any
    kind: MutationKind

    @property
    def mutation(self) -> Mutation:
        """What it does to a body."""
        return Mutation(self.path, REMOVED if self.kind == "absent" else self.value)

    @property
    def sentence(self) -> str:
        """The change as a sentence."""
        where = f"answer to {self.role}, job {self.phase}: {pointer.write(self.path)}"
        if self.kind == "absent":
            return f"{where} is absent"
        value = json.dumps(self.value, ensure_ascii=False)
        if len(value) > 120:
            value = f"{value[:117]}..."
        if self.kind == "unknown":
            return f"{where} is there too, as {value}"
        return f"{where} is {value}"


@contextmanager
def start_proxy(base: str, contract: Contract, changes: Sequence[AnswerMutation]) -> Iterator[str]:
    """The base URL of a proxy that leads to `base` and makes the changes, until the block ends."""
    proxy = _ProxyServer(base, contract, changes)
    threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}{urlsplit(base).path}"
    finally:
        proxy.shutdown()
        proxy.server_close()
        proxy.upstream.close()


class _ProxyServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, base: str, contract: Contract, changes: Sequence[AnswerMutation]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = base.removesuffix(urlsplit(base).path)
        self.upstream = httpx.Client(
            trust_env=False, timeout=60, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        )
        self.reader = Reader(contract)
        self.changes = tuple(changes)

    def mutated_body(self, exchange: Exchange) -> bytes:
        """The response's body with every change that applies to it and keeps its schema."""
        call = self.reader.read(exchange)
        if not call.succeeded or call.operation is None:
            return exchange.response_body
        body = mutate(call, call.response_json, self.changes)
        if body is call.response_json:
            return exchange.response_body
        return json.dumps(body).encode()


def mutate(call: Call, body: Any, changes: Sequence[AnswerMutation]) -> Any:
    """The body with the changes for such a response; a change that would break the schema is left out."""
    assert call.operation is not None
    phase = phase_of(call)
    schema = call.operation.answer("default", phase or "").schema
    for change in changes:
        if change.role != call.role or change.phase != phase:
            continue
        try:
            mutated = apply(body, change.mutation)
        except (LookupError, ValueError, TypeError):
            continue
        if schema is None or schema.is_valid(mutated):
            body = mutated
    return body


def phase_of(call: Call) -> str:
    """The phase that a response shows of the call's job, empty if it shows none."""
    return next((sighting.phase for sighting in call.sightings if sighting.phase), "")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _ProxyServer

    def do_GET(self) -> None:
        self._forward()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_GET  # noqa: N815

    def _forward(self) -> None:
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            return
        # The server makes links by the address that it was asked at, and they have to lead here.
        headers = (*end_to_end(self.headers.items()), ("host", self.headers.get("host", "")))
        try:
            answer = self.server.upstream.request(
                self.command, self.server.target + self.path, headers=list(headers), content=body or None
            )
        except httpx.HTTPError:
            self.close_connection = True
            return
        response_headers = end_to_end(answer.headers.items())
        exchange = Exchange(
            0, 0.0, 0.0, self.command, str(answer.request.url), headers, body,
            answer.status_code, response_headers, answer.content,
        )  # fmt: skip
        self._answer(answer.status_code, response_headers, self.server.mutated_body(exchange))

    def _body(self) -> bytes:
        """The request's body. Raises ValueError for one that is too long for the server, or misframed."""
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            return self._part(int(self.headers.get("content-length") or 0), 0)
        body = bytearray()
        while size := int(self.rfile.readline(_LONGEST_LINE).partition(b";")[0].strip() or b"0", 16):
            body += self._part(size, len(body))
            self.rfile.readline(_LONGEST_LINE)
        while self.rfile.readline(_LONGEST_LINE).strip():
            pass
        return bytes(body)

    def _part(self, size: int, before: int) -> bytes:
        if not 0 <= size <= MAX_REQUEST - before:
            raise ValueError(f"more than {MAX_REQUEST} bytes")
        return self.rfile.read(size)

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
) -> Iterator[tuple[tuple[str, ...], Any, MutationKind]]:
    """Where two bodies differ, as deep as their objects and lists go: path, value and kind."""
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
