"""What is loaded at its first use is loaded in a thread: meanwhile everybody else is answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockserver.app import Mockserver
from mockserver.engine import admission
from mockserver.engine.faulting import select
from mockserver.engine.late_call import LateCall
from mockserver.settings import Settings
from mockserver.web.late_app import LateApp
from mockserver.web.wire import App, Receive, Scope, Send
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import running_app

SUBMIT, BODY, _, _ = SUBMITS["gmicloud"]


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"answered": scope["path"]})


async def ask(app: App, path: str) -> Any:
    messages: list[Any] = []

    async def receive() -> Any:
        raise AssertionError

    async def send(message: Any) -> None:
        messages.append(message)

    await app({"path": path}, receive, send)
    return messages


def test_it_is_made_once_for_all_who_ask() -> None:
    ready, makes = threading.Event(), []

    def make() -> App:
        makes.append(threading.current_thread())
        assert ready.wait(30)
        return answer

    async def work() -> list[Any]:
        app = LateApp(make)
        leaving, *others = [asyncio.create_task(ask(app, path)) for path in "abc"]
        while not makes:
            await asyncio.sleep(0)
        leaving.cancel()
        ready.set()
        return [*await asyncio.gather(*others), await ask(app, "d")]

    assert asyncio.run(work()) == [[{"answered": path}] for path in "bcd"]
    assert len(makes) == 1
    assert makes[0] is not threading.current_thread()


def test_who_asks_after_a_failure_tries_again() -> None:
    makes = iter((OSError("too many open files"), None))

    def make() -> App:
        error = next(makes)
        if error is not None:
            raise error
        return answer

    async def work() -> Any:
        app = LateApp(make)
        with pytest.raises(OSError, match="too many"):
            await ask(app, "a")
        return await ask(app, "b")

    assert asyncio.run(work()) == [{"answered": "b"}]


def held(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> tuple[threading.Event, threading.Event]:
    """Let a call of `owner` wait: whether it has begun, and whether it may go on."""
    begun, may_go_on, call = threading.Event(), threading.Event(), getattr(owner, name)

    def wait_and_call(*values: Any) -> Any:
        begun.set()
        assert may_go_on.wait(30)
        return call(*values)

    monkeypatch.setattr(owner, name, wait_and_call)
    return begun, may_go_on


def poll_during(begun: threading.Event, may_go_on: threading.Event, call: Callable[[Any], int]) -> int:
    """The status of a call; a submit and a poll are answered while it waits."""
    with running_app(Settings(store="memory:")) as server, ThreadPoolExecutor() as pool:
        calling = pool.submit(call, server)
        assert begun.wait(10)
        with server.client() as web:
            job = web.post(SUBMIT, json=BODY).raise_for_status().json()["request_id"]
            web.get(f"{SUBMIT}/{job}").raise_for_status()
        may_go_on.set()
        return calling.result()


def test_others_go_on_while_the_control_plane_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(server: Any) -> int:
        with server.client(None) as web:
            status: int = web.get("/__mock/health").status_code
            return status

    assert poll_during(*held(monkeypatch, Mockserver, "_make_control"), call) == 200


def test_others_go_on_while_the_first_marker_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(server: Any) -> int:
        body = {**BODY, "payload": {**BODY["payload"], "prompt": "[mock:too-many] a fox"}}
        with server.client("another") as web:
            status: int = web.post(SUBMIT, json=body).status_code
            return status

    gates = held(monkeypatch, select, "_prompt_rules")
    monkeypatch.setattr(select, "_read_markers", LateCall(select._prompt_rules))
    assert poll_during(*gates, call) == 429


def test_others_go_on_while_the_first_marker_of_a_key_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(server: Any) -> int:
        with server.client("sk-1--mock:too-many") as web:
            status: int = web.post(SUBMIT, json=BODY).status_code
            return status

    assert poll_during(*held(monkeypatch, admission, "_key_rules"), call) == 429
