"""A proxy that hands every CONNECT, whatever host it names, to one address: clients keep their built-in host.

    python -m tests.third_party.tunnel 8888 8787      # HTTPS_PROXY=http://127.0.0.1:8888 leads to port 8787

The bytes go through as they are, so whoever listens there speaks TLS with a certificate for that host.
"""

from __future__ import annotations

import shutil
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

LOOPBACK = "127.0.0.1"


class _Handler(socketserver.StreamRequestHandler):
    """One connection: its first request names the host, everything after belongs to the two ends."""

    server: Tunnel
    rbufsize = 0

    def handle(self) -> None:
        method, _, rest = self.rfile.readline(1024).decode("ascii", "replace").partition(" ")
        while self.rfile.readline(8192).strip():
            continue
        if method != "CONNECT":
            self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        port = self.server.ports.get(rest.partition(":")[0], self.server.port)
        with socket.create_connection((LOOPBACK, port)) as target:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            upload = threading.Thread(target=_pump, args=(self.connection, target), daemon=True)
            upload.start()
            _pump(target, self.connection)
            upload.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError), source.makefile("rb", 0) as reading, sink.makefile("wb", 0) as writing:
        shutil.copyfileobj(reading, writing)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Tunnel(socketserver.ThreadingTCPServer):
    """Listens on loopback and leads to `port` there, or to another port for some hosts."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, ports: Mapping[str, int] | None = None, listen: int = 0) -> None:
        super().__init__((LOOPBACK, listen), _Handler)
        self.port = port
        self.ports = ports or {}

    @property
    def url(self) -> str:
        """What HTTPS_PROXY is set to."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"


@contextmanager
def in_background(server: socketserver.BaseServer) -> Iterator[None]:
    """Serve in a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    with Tunnel(int(sys.argv[2]), listen=int(sys.argv[1])) as tunnel, suppress(KeyboardInterrupt):
        tunnel.serve_forever()
