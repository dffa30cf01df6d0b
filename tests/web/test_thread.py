"""A server in a thread of this process: it starts, keeps the time, and is gone when it is told to stop."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest

from mockserver import real_time
from mockserver.errors import KitError, SettingsError
from mockserver.web import thread
from mockserver.web.thread import ServerThread
from tests.serving import PATIENCE


class App:
    """The smallest that can be served; it may refuse to start."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Begin and end with the server, and answer nothing."""
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})

    async def start(self) -> None:
        """Be ready, or not."""
        if self.refusal is not None:
            raise self.refusal

    def end_waits(self) -> None:
        """Nobody waits."""


async def nothing() -> str:
    return "done"


def test_a_server_that_was_stopped_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "TIMEOUT", 5.0)
    server = ServerThread(App())
    url = server.start()
    assert server.call(nothing(), 5) == "done"
    server.stop()

    assert server._server._stopping.is_set()
    assert not server._thread.is_alive()
    port = int(url.rpartition(":")[2])
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0
    with pytest.raises(KitError, match="the server has stopped"):
        server.submit(nothing())
    server.stop()


def test_a_server_that_refuses_to_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "TIMEOUT", 5.0)
    server = ServerThread(App(SettingsError("not like this")))
    with pytest.raises(SettingsError, match="not like this"):
        server.start()
    assert server._ready.is_set()
    assert not server._thread.is_alive()


def test_what_takes_too_long_is_given_up() -> None:
    server = ServerThread(App())
    server.start()
    future = server.submit(asyncio.sleep(60))
    ended = threading.Event()

    async def long() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(KitError, match=r"the server does not answer within 0\.01 s"):
        server.call(long(), 0.01)
    assert ended.wait(PATIENCE)
    future.cancel()
    server.stop()
    assert not server._thread.is_alive()


def test_answers_have_the_date_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The date is looked at when the server starts and then once in a second."""
    moments = iter((0, 1, 2))
    waits: list[float] = []

    async def a_second_later(work: Any, seconds: float) -> None:
        work.close()
        waits.append(seconds)
        server.should_exit = len(waits) == 2
        raise TimeoutError

    served = ServerThread(App())
    served._listener.close()
    server = served._server
    monkeypatch.setattr(real_time, "seconds", lambda: next(moments))
    monkeypatch.setattr(asyncio, "wait_for", a_second_later)
    asyncio.run(server.main_loop())

    assert waits == [1, 1]
    assert server.server_state.default_headers == [(b"date", b"Thu, 01 Jan 1970 00:00:02 GMT")]
