"""A server with TLS waits for a handshake as long as a connection does for a head."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import closing

import pytest

from mockserver.web.tls_loop import TlsLoop


def test_the_loop_bounds_handshakes() -> None:
    with closing(TlsLoop()) as loop:
        with pytest.raises(ValueError, match="ssl_handshake_timeout"):
            loop.run_until_complete(loop.create_server(asyncio.Protocol, "127.0.0.1", 0))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server = loop.run_until_complete(loop.create_server(asyncio.Protocol, "127.0.0.1", 0, ssl=context))
        server.close()
        loop.run_until_complete(server.wait_closed())
