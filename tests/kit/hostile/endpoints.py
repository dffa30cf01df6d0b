"""Endpoints that answer whatever is asked with what should stop the kit, each a function of the socket."""

from __future__ import annotations

import gzip
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

Send = Callable[[bytes], object]
Answer = Callable[[Send], object]
"""Sends an answer with the function that it is given; a ConnectionError ends it."""
MIB: Final = 1024 * 1024


@contextmanager
def endpoint(answer: Answer) -> Iterator[str]:
    """The base URL of an endpoint on this machine that answers every request in that way."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                length = 0
                while line := self.rfile.readline(65536).strip():
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                self.rfile.read(length)
                answer(self.wfile.write)
            except OSError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@cache
def bomb(size: int = 200 * MIB) -> bytes:
    """A list of zeros in JSON, `size` bytes long, in gzip."""
    return gzip.compress(b"[" + b"0," * (size // 2) + b"0]", 6)


def head(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """The head of an answer in JSON with that body."""
    lines = [b"HTTP/1.1 " + status, b"content-type: application/json", b"connection: close", *headers]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", b""])


def bombs(send: Send) -> None:
    """200 MiB of JSON in 200 kB of gzip."""
    body = bomb()
    send(head(body, b"content-encoding: gzip") + body)


def nested_bombs(send: Send) -> None:
    """Gzip in gzip: a kilobyte that would be 200 MiB."""
    body = gzip.compress(bomb(), 9)
    send(head(body, b"content-encoding: gzip, gzip") + body)


def endless(send: Send) -> None:
    """A body in chunks that never ends."""
    send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"[" * 65536 + b"\r\n"
    while True:
        send(chunk)


def interim(send: Send) -> None:
    """Interim responses without end."""
    while True:
        send(b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n" * 1000)


def many_values(send: Send) -> None:
    """Seven megabytes of empty objects, which take twenty times as much once they are read."""
    body = b'{"requests": [' + b"{}," * 2_300_000 + b"{}]}"
    send(head(body) + body)


def deep(send: Send) -> None:
    """Lists in lists, 900 levels: our JSON reader takes them, and our writer does not."""
    body = b"[" * 900 + b"]" * 900
    send(head(body) + body)
