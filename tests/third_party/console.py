"""A stand-in for the login at GMI Cloud's console, which its SDK needs first; all else goes to the server.

The three calls and their answers are those that `gmicloud` 0.1.10 makes and reads: `_iam_client.py` and
`_models.py` in its folder `_internal`.
"""

from __future__ import annotations

import json
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx

HOST: Final = "console.gmicloud.ai"
_HOP: Final = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


class Console(ThreadingHTTPServer):
    """Speaks TLS on a free port of loopback; whoever logs in is given `token`."""

    daemon_threads = True

    def __init__(self, url: str, token: str, own: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = own.wrap_socket(self.socket, server_side=True)
        self.answers: dict[str, Any] = {
            "POST /api/v1/me/auth-tokens": {"authToken": "any", "is2FARequired": False},
            "POST /api/v1/me/sessions": {"accessToken": token, "refreshToken": token},
            "GET /api/v1/me/profile": {"user": {"id": "any"}, "organization": {"id": "any"}},
        }
        self.behind = httpx.Client(base_url=url, verify=trusted, trust_env=False, timeout=30)

    def server_close(self) -> None:
        super().server_close()
        self.behind.close()


class _Handler(BaseHTTPRequestHandler):
    server: Console

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        known = self.server.answers.get(f"{self.command} {self.path}")
        if known is not None:
            self._send(200, {"Content-Type": "application/json"}, json.dumps(known).encode())
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        answer = self.server.behind.request(self.command, self.path, headers=headers, content=body)
        self._send(answer.status_code, answer.headers, answer.content)

    def _send(self, status: int, headers: Any, body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""
