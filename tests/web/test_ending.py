"""A server that is told to end answers whoever waits, with what there is, and is gone soon."""

from __future__ import annotations

import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn

from mockserver.settings import Settings
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, Process, running_app

Serve = Callable[..., Process]
TOKEN = "the-token"
AUTH = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def waiters() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def begin(pool: ThreadPoolExecutor, process: Process, *asked: tuple[str, str, Any]) -> list[Future[Any]]:
    """Ask by method, path and body, each in a thread, and return when the server is at all of them."""

    def ask(method: str, path: str, body: Any) -> httpx.Response:
        key = TOKEN if path.startswith("/__mock") else KEY
        with process.client(key) as client:
            return client.request(method, path, json=body)

    with process.client() as client:
        before = open_connections(process)
        answers = [pool.submit(ask, *request) for request in asked]
        while open_connections(process) < before + len(asked):
            client.get("/__mock/health")
        for _ in range(20):
            client.get("/__mock/health")
    return answers


def open_connections(process: Process) -> int:
    """How many sockets the server has open."""
    return sum(
        link.readlink().name.startswith("socket:")
        for link in Path(f"/proc/{process.process.pid}/fd").iterdir()
        if link.is_symlink()
    )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_long_polls_end_with_what_there_is(server: Serve, waiters: ThreadPoolExecutor, how: int) -> None:
    process = server("--token", TOKEN)
    polls = begin(
        waiters,
        process,
        ("GET", "/__mock/journal?wait=60&count=9", None),
        ("GET", "/__mock/callbacks?wait=60&count=9", None),
    )

    process.process.send_signal(how)
    journal, callbacks = (poll.result(20) for poll in polls)
    process.process.wait(20)

    assert (journal.status_code, callbacks.status_code) == (200, 200)
    assert journal.json()["ok"] is False
    assert callbacks.json()["callbacks"] == []
    assert process.log.read_text() == ("stopped\n" if how == signal.SIGINT else "")


def test_event_streams_end_whole(server: Serve) -> None:
    process = server("--token", TOKEN)
    with (
        httpx.Client(base_url=process.url, headers=AUTH, trust_env=False) as client,
        client.stream("GET", "/__mock/journal/events") as events,
    ):
        lines = events.iter_lines()
        assert next(lines) == ": watching"
        process.process.terminate()
        # A stream that was cut would raise.
        assert [line for line in lines if line] == []
    process.process.wait(20)
    assert process.log.read_text() == ""


def test_slow_answers_are_sent_at_once(server: Serve, waiters: ThreadPoolExecutor) -> None:
    process = server("--token", TOKEN, "--pace", "immediate")
    body = {**SUBMITS["gmicloud"][1], "payload": {"prompt": "a kite [mock:delay=600 role=read]"}}
    dripping = {**SUBMITS["gmicloud"][1], "payload": {"prompt": "a kite [mock:drip=1 role=read]"}}
    with process.client() as client:
        jobs = [client.post(GMI, json=submit).json()["request_id"] for submit in (body, dripping)]
    reads = begin(waiters, process, *(("GET", f"{GMI}/{job}", None) for job in jobs))

    process.process.terminate()
    answers = [read.result(20) for read in reads]
    process.process.wait(20)

    assert [answer.json()["request_id"] for answer in answers] == jobs
    assert process.log.read_text() == ""


def test_who_waits_for_a_lock_is_refused(server: Serve, waiters: ThreadPoolExecutor, tmp_path: Path) -> None:
    process = server("--store", f"sqlite:///{tmp_path}/jobs.db")
    other = sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    (submit,) = begin(waiters, process, ("POST", GMI, SUBMITS["gmicloud"][1]))

    process.process.terminate()
    answer = submit.result(20)
    process.process.wait(20)
    other.close()

    assert answer.status_code == 507
    assert "has been locked by another process" in answer.json()["detail"]


def test_what_takes_too_long_is_answered(server: Serve) -> None:
    """A body that never ends is given up after the grace, by an answer and not by a trace."""
    process = server()
    url = urlsplit(process.url)
    head = f"POST {GMI} HTTP/1.1\r\nhost: {url.netloc}\r\nauthorization: Bearer {KEY}\r\n"
    with ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection((url.hostname, url.port)))
        connection.sendall(f"{head}content-type: application/json\r\ncontent-length: 99\r\n\r\n{{".encode())
        with process.client() as client:
            client.get("/__mock/health")
        process.process.terminate()
        answer = stack.enter_context(connection.makefile("rb")).read()
    process.process.wait(20)

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"The server stops" in answer
    assert "Traceback" not in process.log.read_text()


def test_a_connection_that_waits_for_nothing_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[uvicorn.Server] = []

    async def shutdown(server: uvicorn.Server, sockets: object = None) -> None:
        waits.append(server)

    monkeypatch.setattr(uvicorn.Server, "shutdown", shutdown)
    with running_app(Settings()) as server:
        client = server.client()
        assert client.get(GMI).status_code == 200
    client.close()
    assert waits == []
