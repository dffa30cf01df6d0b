"""Sends replies as their faults make them reach the client: late, slowly, cut, or not at all."""

from __future__ import annotations

import socket
import struct
from typing import Any, Final

from mockserver.faults.seams import Reply
from mockserver.web.pauses import Pauses
from mockserver.web.wire import EMPTY, Send, bare

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_DRIP: Final = 64


async def send_reply(send: Send, reply: Reply, pauses: Pauses, *, body: bool = True) -> None:
    """Send a reply with the delay, cut or disconnect of its faults."""
    if reply.delay:
        await pauses.sleep(reply.delay)
    if reply.disconnect:
        drop_connection(send, reset=reply.disconnect == "reset")
        return
    content = reply.body if body and reply.status not in EMPTY else b""
    headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
    if reply.status in EMPTY:
        headers = bare(reply.headers)
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.cut is not None and reply.cut < len(content):
        await send({"type": "http.response.body", "body": content[: reply.cut], "more_body": True})
        drop_connection(send, reset=False)
    elif reply.drip:
        await _drip(send, content, reply.drip, pauses)
    else:
        await send({"type": "http.response.body", "body": content})


async def _drip(send: Send, content: bytes, rate: int, pauses: Pauses) -> None:
    step = min(_DRIP, rate)
    for at in range(0, len(content), step):
        await send({"type": "http.response.body", "body": content[at : at + step], "more_body": True})
        await pauses.sleep(step / rate)
    await send({"type": "http.response.body", "body": b""})


def drop_connection(send: Send, *, reset: bool) -> None:
    """Close the connection without another byte.

    ASGI has no message for it, so this uses the transport of uvicorn's request cycle, whose method `send`
    is. Raises RuntimeError under another server.
    """
    cycle: Any = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise RuntimeError("only under uvicorn can a connection be dropped")
    if reset:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
    else:
        transport.close()
    # Without this the server would answer 500 for a request that was never answered.
    cycle.disconnected = True
