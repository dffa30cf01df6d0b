"""A callback URL on this machine: every request to it becomes an exchange."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self

from mockserver.kit.traffic.exchange import Exchange
from mockserver.numerals import whole_number

MAX_BYTES: Final = 1024 * 1024
MAX_CALLBACKS: Final = 100
"""Callbacks that one call of `receive` takes at most, and that wait for it; more are forgotten."""
TIMEOUT: Final = 10.0
"""Seconds without a byte after which a connection is closed."""
PATH: Final = "/callback"


class CallbackReceiver:
    """Answers every POST with 200 until it is closed, and passes each on as an exchange."""

    def __init__(self) -> None:
        self._received: queue.Queue[Exchange] = queue.Queue(MAX_CALLBACKS)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._received))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        """The receiver itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    def receive(self, patience: float) -> Iterator[Exchange]:
        """Each callback as it comes, until none came for `patience` seconds or MAX_CALLBACKS did."""
        for _ in range(MAX_CALLBACKS):
            try:
                yield self._received.get(timeout=patience)
            except queue.Empty:
                return


def _handler(received: queue.Queue[Exchange]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT

        def do_POST(self) -> None:
            """Accept a callback."""
            at = time.time()
            body = self.rfile.read(min(self._declared_length(), MAX_BYTES))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            host = self.headers.get("host", "")
            exchange = Exchange(
                number=0,
                at=at,
                took=time.time() - at,
                method=self.command,
                url=f"http://{host}{self.path}",
                request_headers=tuple(self.headers.items()),
                request_body=body,
                status=200,
                response_headers=(),
                response_body=b"",
                callback=True,
            )
            with suppress(queue.Full):
                received.put_nowait(exchange)

        def _declared_length(self) -> int:
            return whole_number(self.headers.get("content-length") or "") or 0

        def log_message(self, *arguments: object) -> None:
            """Log nothing."""

    return Handler
