"""Sends clips and thumbnails as their faults make them reach the client."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.faults.seams import Asset
from mockserver.web.broken_replies import drop_connection
from mockserver.web.pauses import Pauses
from mockserver.web.wire import Send


def encoded_headers(asset: Asset, own: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """The file's own headers; those of the asset take the place of their namesakes."""
    changed = {name.lower() for name, _ in asset.headers}
    unchanged = [header for header in own if header[0] not in changed]
    return [(name.encode(), value.encode("latin-1")) for name, value in (*unchanged, *asset.headers)]


async def send_asset(
    send: Send,
    asset: Asset,
    headers: list[tuple[bytes, bytes]],
    content: bytes,
    pauses: Pauses,
    *,
    body: bool,
) -> None:
    """Send what the faults made of the file: `content` is what would be sent without them."""
    data = content if asset.body is None else asset.body
    promised = len(data) if asset.length is None else asset.length
    length = (b"content-length", b"%d" % promised)
    await send({"type": "http.response.start", "status": asset.status, "headers": [*headers, length]})
    if not body:
        await send({"type": "http.response.body", "body": b""})
        return
    end = promised if asset.cut is None else min(promised, asset.cut)
    await _send_part(send, data[:end], promised, asset.stall, pauses)


async def _send_part(send: Send, part: bytes, promised: int, stall: float, pauses: Pauses) -> None:
    """Send a body; one that is shorter than promised ends with the connection."""
    if stall:
        half, part = part[: len(part) // 2], part[len(part) // 2 :]
        promised -= len(half)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await pauses.sleep(stall)
    short = len(part) < promised
    await send({"type": "http.response.body", "body": part, "more_body": short})
    if short:
        drop_connection(send, reset=False)
