"""Receivers that never answer and names that nobody resolves delay nobody else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mockserver.engine.callbacks import lookup, target_policy
from mockserver.engine.callbacks.sender import CallbackSender
from tests.engine.callbacks.test_sender import STEPS, Scene, job_of, told
from tests.listener import listening


@asynccontextmanager
async def silent() -> Any:
    """A URL that takes connections and never answers, until the block ends."""
    over = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        over.set()


@pytest.fixture
def deaf_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A resolver that answers nothing before the test is over."""
    over = threading.Event()

    def wait(*_: Any, **__: Any) -> Sequence[Any]:
        over.wait()
        raise OSError("nobody answers")

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    yield over
    over.set()


async def add(scene: Scene, callbacks: CallbackSender, url: str, number: int) -> None:
    """A job of its own that has one callback to make."""
    job = job_of(url, [STEPS[0], STEPS[2]])._replace(id=str(number))
    await scene.store.add(job)
    await callbacks.submitted(job, "http://mock")


def test_a_hundred_callbacks_to_a_dead_receiver_delay_none_to_a_good_one() -> None:
    async def run() -> list[str]:
        async with silent() as dead, listening() as good:
            scene = Scene()
            callbacks = CallbackSender(scene.services)
            for number in range(100):
                await add(scene, callbacks, dead, number)
            await add(scene, callbacks, good.url, 1000)
            scene.clock.advance(3)
            callbacks.start()
            assert await callbacks.delivery_log.wait_for_news(target_policy.TIMEOUT / 2)
            await callbacks.close()
            return told(good)

    assert asyncio.run(run()) == ["succeed"]


@pytest.mark.usefixtures("deaf_resolver")
def test_names_that_are_not_resolved_hold_no_thread_of_the_event_loop() -> None:
    async def run() -> None:
        names = [asyncio.ensure_future(lookup.look_up(f"slow-{number}.test", 80)) for number in range(50)]
        await asyncio.sleep(0)
        full = [name for name in names if name.done()]
        assert len(full) == 50 - lookup.MAX_LOOKUPS
        assert all("being looked up already" in str(name.exception()) for name in full)
        assert await asyncio.to_thread(lambda: "a clip") == "a clip"
        for name in names:
            name.cancel()

    asyncio.run(run())


@pytest.mark.usefixtures("deaf_resolver")
def test_addresses_and_localhost_need_no_resolver() -> None:
    async def run() -> int:
        async with listening() as listener:
            status = 0
            for host in ("127.0.0.1", "localhost"):
                status += await target_policy.post(f"http://{host}:{listener.port}/", {}, b"")
            return status

    assert asyncio.run(run()) == 400
