"""A callback URL on this machine: whatever is told there becomes an exchange."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self

from mockserver.kit.traffic.exchange import Exchange

MOST_BYTES: Final = 1024 * 1024
MOST_TOLD: Final = 100
"""Callbacks that one hearing takes."""
TIMEOUT: Final = 10.0
"""Seconds without a byte after which a caller is left."""
PATH: Final = "/told"


class CallbackReceiver:
    """Answers every request with 200 until it is closed, and hands it over."""

    def __init__(self) -> None:
        self._heard: queue.Queue[Exchange] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._heard))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        """The listener itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def heard(self, patience: float) -> Iterator[Exchange]:
        """Each callback as it comes, until none came for `patience` seconds, or too many did."""
        for _ in range(MOST_TOLD):
            try:
                yield self._heard.get(timeout=patience)
            except queue.Empty:
                return


def _handler(heard: queue.Queue[Exchange]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT

        def do_POST(self) -> None:
            """Take it."""
            at = time.time()
            said = self.headers.get("content-length") or ""
            length = min(int(said) if said.isdecimal() else 0, MOST_BYTES)
            body = self.rfile.read(length)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            host = self.headers.get("host", "")
            heard.put(
                Exchange(
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
            )

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    return Handler
