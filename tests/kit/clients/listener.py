"""The good client, made to listen for callbacks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

from mockserver.kit.reference_client import Json
from tests.kit.clients.base import GoodClient


class Listening(GoodClient):
    """Wrong in no way: it listens as well, and a callback is a reason to look sooner."""

    served = "kkiai"
    answer: ClassVar[int] = 200

    async def agenerate(self, prompt: str, image: str | None = None, **more: Any) -> Path:
        """As ever, with an open ear where there is an address for callbacks."""
        self._rung, self.callbacks = asyncio.Event(), list[Json]()
        self.listens = "callback_url" in more
        if not self.listens:
            return await super().agenerate(prompt, image, **more)
        self.sleep = self._doze
        loop = asyncio.get_running_loop()

        def heard(callback: Json) -> None:
            self.callbacks.append(callback)
            loop.call_soon_threadsafe(self._rung.set)

        with _listening(urlsplit(more["callback_url"]).port or 0, self.answer, heard):
            return await super().agenerate(prompt, image, **more)

    async def _doze(self, seconds: float) -> None:
        self._rung.clear()
        try:
            await asyncio.wait_for(self._rung.wait(), seconds)
        except TimeoutError:
            return


@contextmanager
def _listening(port: int, status: int, heard: Callable[[Json], None]) -> Iterator[None]:
    class Ear(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            heard(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Ear) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
