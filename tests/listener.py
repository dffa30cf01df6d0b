"""An HTTP server on loopback that counts who connects and keeps what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Heard:
    """One request: its first line, its headers by lower-case name, its body."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


@dataclass(slots=True)
class Listener:
    """`answers` are the raw answers in turn, the last one again and again; `connections` counts them all."""

    url: str = ""
    port: int = 0
    connections: int = 0
    heard: list[Heard] = field(default_factory=list)
    answers: Sequence[bytes] = (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear one request and answer it."""
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            answer = self.answers[min(len(self.heard), len(self.answers) - 1)]
            self.heard.append(Heard(head[0], headers, body))
            writer.write(answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    """A raw answer."""
    lines = [f"HTTP/1.1 {code} X", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def listening(*answers: bytes) -> AsyncIterator[Listener]:
    """A listener on a free port until the block ends."""
    listener = Listener()
    if answers:
        listener.answers = answers
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    listener.url = f"http://127.0.0.1:{listener.port}"
    async with server:
        yield listener
