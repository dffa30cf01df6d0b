"""The event loop of a server with TLS, whose handshakes have the patience of its connections."""

from __future__ import annotations

import sys
from typing import Any, Final

from mockserver.web.connection import PATIENCE

if sys.platform == "win32":
    from asyncio import ProactorEventLoop as BaseLoop
else:
    from uvloop import Loop as BaseLoop

GOODBYE: Final = 5.0
"""Seconds for a client's part in the end of a TLS connection."""


class TlsLoop(BaseLoop):
    """A loop that gives up a client which does not shake hands in time. uvicorn has no setting for it."""

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        """A server whose connections end where no handshake comes in time."""
        options |= {"ssl_handshake_timeout": PATIENCE, "ssl_shutdown_timeout": GOODBYE}
        return await super().create_server(*arguments, **options)
