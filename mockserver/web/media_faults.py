"""Clips and thumbnails that reach the client badly."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs

from mockserver.engine.faulting.select import Fired
from mockserver.faults.seams import Asset
from mockserver.web.broken_replies import drop
from mockserver.web.wire import Scope, Send

_KINDS: Final = {"video.mp4": "video", "watermarked.mp4": "watermarked", "thumbnail.jpg": "thumbnail"}


def read_asset(scope: Scope, name: str, url: str, now: int) -> Asset:
    """What is asked for: which file, by which of its job's links, and how long ago that was shown."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    link, shown = (_number(query.get(key, [""])[0]) for key in ("link", "shown"))
    return Asset(_KINDS[name], url=url, link=link, age=None if shown is None else max(0, now - shown) / 1000)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def change(asset: Asset, fired: Sequence[Fired]) -> None:
    """Let the media faults among `fired` change the asset."""
    from mockserver.faults.base import MediaFault

    for one in fired:
        if isinstance(one.fault, MediaFault):
            one.fault.change(asset)


def headers(asset: Asset, own: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """The file's own headers with those of the asset in place of their namesakes."""
    changed = {name.lower() for name, _ in asset.headers}
    kept = [header for header in own if header[0] not in changed]
    return [(name.encode(), value.encode("latin-1")) for name, value in (*kept, *asset.headers)]


async def send_asset(
    send: Send, asset: Asset, own: Sequence[tuple[str, str]], content: bytes, *, body: bool
) -> None:
    """Send what the faults made of the file: `content` is what would be sent without them."""
    data = content if asset.body is None else asset.body
    promised = len(data) if asset.length is None else asset.length
    sent = data[: promised if asset.cut is None else min(promised, asset.cut)]
    length = (b"content-length", b"%d" % promised)
    start = {"status": asset.status, "headers": [*headers(asset, own), length]}
    await send({"type": "http.response.start", **start})
    if not body:
        await send({"type": "http.response.body", "body": b""})
        return
    if asset.stall:
        half, sent = sent[: len(sent) // 2], sent[len(sent) // 2 :]
        promised -= len(half)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(asset.stall)
    short = len(sent) < promised
    await send({"type": "http.response.body", "body": sent, "more_body": short})
    if short:
        drop(send, reset=False)
