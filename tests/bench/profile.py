"""Where the time of one request goes: the ASGI app alone, in this process, with no socket and no uvicorn."""

from __future__ import annotations

import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mockserver.app import Mockserver, build_app
from mockserver.settings import Pace, Settings
from tests.bench.scenes import MARK, REFUSED, REQUESTS, SUBMIT

HOT: Final = ("read", "submit", "refused", "refused-same", "list")
COUNT: Final = 5000


@dataclass(slots=True)
class Ask:
    """One request; a body's mark becomes another number each time where `numbered`."""

    method: str
    path: str
    body: str = ""
    numbered: bool = False
    number: int = 0

    def text(self) -> bytes:
        """The next body."""
        self.number += 1
        return (
            self.body.replace(MARK, f"{self.number:010d}").encode() if self.numbered else self.body.encode()
        )


def profile(name: str) -> None:
    """Print microseconds for a request and the functions that take most of them."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            store=f"sqlite:///{folder}/jobs.sqlite3", pace=Pace(speed=1000), cache_dir=Path(folder) / "media"
        )
        asyncio.run(_profile(build_app(settings), name))


async def _profile(app: Mockserver, name: str) -> None:
    ask = await _prepare(app, name)
    for _ in range(500):
        await _send(app, ask)
    begin = time.perf_counter()
    for _ in range(COUNT):
        status, _ = await _send(app, ask)
    took = time.perf_counter() - begin
    print(f"{name}: {1e6 * took / COUNT:.1f} µs for a request, status {status}, without the profiler")
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(COUNT):
        await _send(app, ask)
    profiler.disable()
    stats = pstats.Stats(profiler).strip_dirs()
    stats.sort_stats("tottime").print_stats(22)
    stats.sort_stats("cumulative").print_stats(30)
    await app.close()


async def _prepare(app: Mockserver, name: str) -> Ask:
    submit = Ask("POST", REQUESTS, json.dumps(SUBMIT), numbered=True)
    ids = [json.loads((await _send(app, submit))[1])["request_id"] for _ in range(10)]
    refused = json.dumps(REFUSED)
    return {
        "read": Ask("GET", f"{REQUESTS}/{ids[0]}"),
        "submit": submit,
        "refused": Ask("POST", REQUESTS, refused, numbered=True),
        "refused-same": Ask("POST", REQUESTS, refused),
        "list": Ask("GET", REQUESTS),
    }[name]


async def _send(app: Mockserver, ask: Ask) -> tuple[int, bytes]:
    body = ask.text()
    headers = [
        (b"host", b"127.0.0.1:8787"),
        (b"authorization", b"Bearer bench"),
        (b"accept", b"application/json"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    scope = {
        "type": "http",
        "method": ask.method,
        "scheme": "http",
        "path": ask.path,
        "raw_path": ask.path.encode(),
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 8787),
    }
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]
