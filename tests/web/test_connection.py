"""How long a connection is waited for, and how much may come. The clock of the loop is moved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from mockserver.engine.message import Response
from mockserver.web import connection
from mockserver.web.connection import Connection

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
KEEP_ALIVE = 5.0


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock stands until a test moves it."""

    now = 1000.0

    def time(self) -> float:
        """Seconds, as the test says."""
        return self.now

    def advance(self, seconds: float = 0.0) -> None:
        """Move the clock, and run what is due."""
        self.now += seconds
        for _ in range(10):
            self.run_until_complete(asyncio.sleep(0))


class Wire(asyncio.Transport):
    """The client's side: what it got, and how its connection ended."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.end = ""

    def write(self, data: Any) -> None:
        """Keep it."""
        self.written += data

    def close(self) -> None:
        """End once all is written."""
        self.end = self.end or "closed"

    def abort(self) -> None:
        """End at once."""
        self.end = self.end or "aborted"

    def is_closing(self) -> bool:
        """Whether it ends."""
        return bool(self.end)

    def pause_reading(self) -> None:
        """Take no more of the client."""

    def resume_reading(self) -> None:
        """Take more of it."""


class Scene:
    """Connections to an app that answers GET at once and anything else never."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.state = ServerState()
        self.config = Config(
            self._answer, interface="asgi3", lifespan="off", ws="none", log_config=None, proxy_headers=False
        )
        self.config.load()

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    def open(self, data: bytes = b"") -> tuple[Connection, Wire]:
        """A new connection that has brought some bytes."""
        wire = Wire()
        opened = Connection(self.config, self.state, {}, self.loop)
        opened.connection_made(wire)
        if data:
            opened.data_received(data)
        self.loop.advance()
        return opened, wire


@pytest.fixture
def scene() -> Iterator[Scene]:
    loop = Loop()
    scene = Scene(loop)
    yield scene
    for opened in [*scene.state.connections]:
        opened.connection_lost(OSError())
    loop.advance()
    loop.close()


def test_an_answer_at_once_begins_the_wait_for_the_next_request_anew(scene: Scene) -> None:
    opened, wire = scene.open(GET)
    remembered: Any = SimpleNamespace(recall=lambda _: Response(200, [], b"again"))
    opened._eager = remembered

    for _ in range(3):
        scene.loop.advance(KEEP_ALIVE - 1)
        opened.data_received(GET)
        assert not wire.end

    assert wire.written.count(b"again") == 3
    scene.loop.advance(KEEP_ALIVE + 1)
    assert wire.end


@pytest.mark.parametrize(
    ("data", "seconds"),
    [(b"", 30), (b"GET / HTT", 30), (GET, KEEP_ALIVE), (POST, 30), (POST + b"{", 30)],
    ids=["silence", "half-head", "kept-alive", "no-body", "half-body"],
)
def test_a_client_is_waited_for_as_long_as_is_said_and_no_longer(
    scene: Scene, data: bytes, seconds: float
) -> None:
    _, wire = scene.open(data)

    for _ in range(int(seconds)):
        assert wire.end == ""
        scene.loop.advance(1)
    scene.loop.advance(0.01)
    assert wire.end


def test_a_head_that_begins_after_an_answer_has_as_long_as_the_first(scene: Scene) -> None:
    opened, wire = scene.open(GET)
    scene.loop.advance(4)
    opened.data_received(b"GET /")
    scene.loop.advance(25.9)
    assert wire.end == ""
    scene.loop.advance(KEEP_ALIVE)
    assert wire.end == "aborted"


def test_a_head_that_drips_has_no_longer(scene: Scene) -> None:
    opened, wire = scene.open(b"GET / HTTP/1.1\r\n")

    for _ in range(30):
        assert wire.end == ""
        opened.data_received(b"a: b\r\n")
        scene.loop.advance(1)
    scene.loop.advance(0.01)
    assert wire.end == "aborted"


@pytest.mark.parametrize(("rate", "seconds"), [(500, 60), (900, 300)])
def test_a_body_that_drips_has_a_second_more_for_each_thousand_bytes(
    scene: Scene, rate: int, seconds: int
) -> None:
    opened, wire = scene.open(POST.replace(b"100000", b"1000000"))
    lasted = 0

    while not wire.end:
        opened.data_received(b" " * rate)
        scene.loop.advance(1)
        lasted += 1
    assert lasted == pytest.approx(seconds, abs=5)


def test_a_body_that_comes_fast_is_waited_for_after_its_last_byte_alone(scene: Scene) -> None:
    opened, wire = scene.open(POST)
    opened.data_received(b" " * 90_000)
    scene.loop.advance(30)
    scene.loop.advance(0.01)

    assert wire.end == "aborted"


def test_the_server_may_take_longer_than_any_client(scene: Scene) -> None:
    _, wire = scene.open(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n")
    for _ in range(100):
        scene.loop.advance(5)
    assert wire.end == ""


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_request_of_a_connection_that_is_lost_is_told_so(scene: Scene, number: int) -> None:
    opened, _ = scene.open(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n" * number)
    assert len(scene.state.tasks) == 1
    opened.connection_lost(None)
    scene.loop.advance()

    assert scene.state.tasks == set()


def test_a_client_that_does_not_read_is_waited_for_a_minute_after_it_stopped(scene: Scene) -> None:
    opened, wire = scene.open(POST)
    scene.loop.advance(20)
    opened.pause_writing()
    for _ in range(60):
        assert wire.end == ""
        scene.loop.advance(1)
    # It is looked at every few seconds.
    scene.loop.advance(KEEP_ALIVE)
    assert wire.end == "aborted"


def test_a_connection_that_is_lost_is_looked_at_no_more(scene: Scene) -> None:
    opened, wire = scene.open()
    opened.connection_lost(OSError())
    scene.loop.advance(100)

    assert wire.end == ""


@pytest.mark.parametrize("before", [b"", GET, GET + GET], ids=["new", "kept", "used"])
def test_a_head_of_64_kib_is_read_and_one_byte_more_is_refused(scene: Scene, before: bytes) -> None:
    opened, wire = scene.open(before)
    start = b"GET / HTTP/1.1\r\na: "
    opened.data_received(start + b"b" * (65_536 - len(start)))
    assert (wire.end, wire.written.count(b"HTTP/1.1")) == ("", before.count(b"GET"))

    opened.data_received(b"b")
    assert wire.end == "closed"
    assert b"HTTP/1.1 400 " in wire.written
    assert wire.written.endswith(b"The head of the request is longer than 65536 bytes or 256 headers.")
    opened.data_received(b"b" * 70_000)
    assert wire.written.count(b"HTTP/1.1 400 ") == 1


def test_trailers_of_more_than_64_kib_end_the_connection_without_a_word(scene: Scene) -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    opened, wire = scene.open(chunked)
    opened.data_received(b"a: " + b"b" * 65_000)
    assert wire.end == ""
    opened.data_received(b"b" * 1000)
    assert (wire.end, wire.written) == ("aborted", b"")


@pytest.mark.parametrize(("number", "status"), [(256, b"204"), (257, b"400")])
def test_a_request_may_have_256_headers(scene: Scene, number: int, status: bytes) -> None:
    _, wire = scene.open(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * number + b"\r\n")

    assert wire.written.startswith(b"HTTP/1.1 " + status)
    assert wire.written.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(("number", "end"), [(256, ""), (257, "closed")])
def test_a_head_that_goes_on_may_have_as_many(scene: Scene, number: int, end: str) -> None:
    _, wire = scene.open(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * number + b"a")

    assert wire.end == end


@pytest.mark.parametrize(("number", "end"), [(64, ""), (65, "closed")])
def test_64_requests_may_wait_behind_another(scene: Scene, number: int, end: str) -> None:
    _, wire = scene.open(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n" * (number + 1))

    assert wire.end == end


def test_where_there_are_too_many_the_one_that_waited_longest_makes_room(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "most_connections", lambda: 4)
    wires = []
    for data in (POST, b"", GET, b"", b""):
        wires.append(scene.open(data)[1])
        scene.loop.advance(1)
    assert [wire.end for wire in wires] == ["", "aborted", "", "", ""]
    scene.open()
    assert [wire.end for wire in wires] == ["", "aborted", "aborted", "", ""]


@pytest.mark.parametrize("is_last", [False, True])
def test_a_server_that_stops_closes_a_connection_once_its_answer_is_written(
    scene: Scene, is_last: bool
) -> None:
    opened, wire = scene.open()
    opened.is_pending = True
    if is_last:
        opened.shutdown()
    assert wire.end == ""
    opened._end_wait(cast(Any, None), b"", Response(200, [], b"here"))

    assert wire.written.endswith(b"here")
    assert wire.end == ("closed" if is_last else "")
    assert not opened.is_pending
