"""The good client, made to listen for callbacks."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from mockserver.kit.reference_client import Json
from tests.kit.clients.base import Good


class Listening(Good):
    """Wrong in no way: it listens as well, and a callback is a reason to look sooner."""

    served = "kkiai"
    answer: ClassVar[str] = "200 OK"

    async def agenerate(self, prompt: str, image: str | None = None, **more: Any) -> Path:
        """As ever, with an open ear where there is an address for callbacks."""
        self._rung, self.told = asyncio.Event(), list[Json]()
        self.listens = "callback_url" in more
        if not self.listens:
            return await super().agenerate(prompt, image, **more)
        self.sleep = self._doze
        port = urlsplit(more["callback_url"]).port
        self._calls: set[asyncio.Task[Any] | None] = set()
        async with await asyncio.start_server(self._hear, "127.0.0.1", port):
            try:
                return await super().agenerate(prompt, image, **more)
            finally:
                await asyncio.gather(*filter(None, self._calls), return_exceptions=True)

    async def _doze(self, seconds: float) -> None:
        self._rung.clear()
        try:
            await asyncio.wait_for(self._rung.wait(), seconds)
        except TimeoutError:
            return

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._calls.add(asyncio.current_task())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            size = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            self.told.append(json.loads(await reader.readexactly(int(size[1]) if size else 0)))
            self._rung.set()
            writer.write(f"HTTP/1.1 {self.answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            await writer.drain()
        finally:
            writer.close()
            await writer.wait_closed()
