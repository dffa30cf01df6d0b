"""What a connection may bring: heads, bodies and silence, each with its bound. All over real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import product
from typing import Any

import httpx
import pytest

from mockserver.settings import MIB, Settings
from mockserver.web import bodies, connection
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, PATIENCE, Running, running_app, wait_until

SUBMIT = {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": "a cat"}}
SHORT = 0.2


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_app(Settings(max_body=2 * MIB, token="secret-token")) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections whose patience ends before a test's does."""
    monkeypatch.setattr(connection, "PATIENCE", SHORT)


@contextmanager
def opened(server: Running, data: bytes = b"") -> Iterator[socket.socket]:
    """A connection that has sent `data`."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE)) as connected:
        connected.sendall(data)
        yield connected


def head(method: str, path: str, *headers: str, key: str | None = KEY) -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if key is not None:
        lines.append(f"Authorization: Bearer {key}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def answer_of(connected: socket.socket) -> str:
    """The head and the body of the next answer, as far as they come at once."""
    return connected.recv(65536).decode("latin-1")


def is_closed(connected: socket.socket) -> bool:
    """Whether the server ends the connection, however long it takes."""
    try:
        while connected.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def is_cut_off(connected: socket.socket, more: bytes, *, pause: float = 0.0) -> bool:
    """Whether the server ends the connection of a client that sends more and more."""
    try:
        for _ in range(5000):
            connected.sendall(more)
            time.sleep(pause)
    except ConnectionError:
        return True
    return False


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: ",
        head("GET", GMI),
        head("POST", GMI, "Content-Type: application/json", "Content-Length: 100"),
        head("POST", GMI, "Content-Type: application/json", "Content-Length: 100") + b"{",
        head("POST", GMI, "Content-Type: application/json", "Transfer-Encoding: chunked") + b"5\r\n",
    ],
    ids=["silence", "half-head", "kept-alive", "no-body", "half-body", "half-chunk"],
)
def test_a_client_that_keeps_the_server_waiting_is_given_up(server: Running, data: bytes) -> None:
    with opened(server, data) as connected:
        assert is_closed(connected)


@pytest.mark.usefixtures("impatient")
def test_a_head_that_drips_has_as_long_as_one_that_does_not_come(server: Running) -> None:
    with opened(server, b"GET / HTTP/1.1\r\n") as connected:
        assert is_cut_off(connected, b"a: b\r\n", pause=SHORT / 10)


@pytest.mark.usefixtures("impatient")
def test_a_body_that_drips_is_given_up(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SLOWEST", 10**9)
    start = head("POST", GMI, "Content-Type: application/json", "Content-Length: 5000")
    with opened(server, start) as connected:
        assert is_cut_off(connected, b" ", pause=SHORT / 10)


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_takes_longer_is_not_cut_off(server: Running) -> None:
    headers = {"Authorization": "Bearer secret-token"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
        answer = client.get("/__mock/journal", params={"wait": 4 * SHORT, "provider": "kkiai", "count": 9999})
    assert answer.status_code == 200


@pytest.mark.usefixtures("impatient")
def test_a_client_that_reads_nothing_is_given_up(
    server: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "READER_PATIENCE", SHORT)
    with server.client() as client:
        for _ in range(80):
            body = {**SUBMIT, "payload": {"prompt": "x" * 2000}}
            client.post(GMI, json=body).raise_for_status()
    lost, lose = [], connection.Connection.connection_lost

    def note(self: connection.Connection, error: Exception | None) -> None:
        lost.append(self.client)
        lose(self, error)

    monkeypatch.setattr(connection.Connection, "connection_lost", note)
    with opened(server) as connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connected.sendall(head("GET", f"{GMI}?limit=100") * 50)
        wait_until(lambda: connected.getsockname() in lost)
    assert not [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


def connections(server: Running) -> set[Any]:
    """The server's open connections."""
    import gc

    port = int(server.url.rpartition(":")[2])
    every = (each for each in gc.get_objects() if isinstance(each, connection.Connection))
    return {each for each in every if each in each.connections and each.server and each.server[1] == port}


ENDLESS = {
    "one-header": (b"GET / HTTP/1.1\r\na: ", b"x" * 8192),
    "headers": (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 100),
    "url": (b"GET /", b"x" * 8192),
    "trailers": (
        head("POST", GMI, "Content-Type: application/json", "Transfer-Encoding: chunked") + b"0\r\n",
        b"a: b\r\n" * 1000,
    ),
    "chunk-extensions": (
        head("POST", GMI, "Content-Type: application/json", "Transfer-Encoding: chunked") + b"5;",
        b"x" * 8192,
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_is_cut_off(server: Running, name: str) -> None:
    start, more = ENDLESS[name]
    with opened(server, start) as connected:
        assert is_cut_off(connected, more)


def test_a_long_head_is_answered_with_400(server: Running) -> None:
    with opened(server, head("GET", GMI, *(f"X-{number}: a" for number in range(300)))) as connected:
        assert answer_of(connected).startswith("HTTP/1.1 400")


def test_a_head_may_be_long(server: Running) -> None:
    with server.client() as client:
        long = {f"x-{number}": "a" * 200 for number in range(200)}
        assert client.get(GMI, headers=long).status_code == 200


def test_few_requests_wait_behind_another(server: Running) -> None:
    with opened(server, head("GET", GMI) * 10_000) as connected:
        assert is_closed(connected)


def wait_in_turn(server: Running, *connected: socket.socket) -> None:
    """Let the server hold that these wait for a head, the first of them longest."""
    names = [each.getsockname() for each in connected]
    wait_until(lambda: {each.client for each in connections(server)} >= set(names))
    for each in connections(server):
        each.idle_since = float(names.index(each.client)) if each.client in names else each.idle_since


def test_who_waits_longest_makes_room(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(server) as first, opened(server) as second:
        wait_in_turn(server, first, second)
        monkeypatch.setattr(connection, "most_connections", lambda: 2)
        with server.client() as client:
            assert client.get(GMI).status_code == 200
            assert is_closed(first)


def test_who_was_answered_lately_has_not_waited_long(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_app(Settings()) as alone, opened(alone) as first, opened(alone) as silent:
        wait_in_turn(alone, first, silent)
        monkeypatch.setattr(connection, "most_connections", lambda: 2)
        first.sendall(head("GET", GMI))
        assert answer_of(first).startswith("HTTP/1.1 200")
        with opened(alone):
            assert is_closed(silent)
            first.sendall(head("GET", GMI))
            assert answer_of(first).startswith("HTTP/1.1 200")


HUGE = "Content-Length: 60000000"


CHUNKED = "Transfer-Encoding: chunked"
REFUSED = [
    ("POST", "/nothing", KEY, 404),
    ("PATCH", GMI, KEY, 405),
    ("POST", GMI, None, 401),
    ("POST", "/media/gmicloud/x/video.mp4", KEY, 405),
    ("POST", "/__mock/rules", KEY, 401),
]
TOO_LARGE = [
    ("POST", GMI, KEY, 413),
    ("POST", "/__mock/rules", "secret-token", 413),
    ("PUT", "/__mock/clock", "secret-token", 413),
]


@pytest.mark.parametrize(
    ("refused", "length"),
    [*product(REFUSED, (HUGE, CHUNKED)), *product(TOO_LARGE, (HUGE,))],
)
@pytest.mark.parametrize("expect", ["Expect: 100-continue", "X: y"])
def test_a_body_that_is_refused_is_not_waited_for(
    server: Running, refused: tuple[str, str, str | None, int], length: str, expect: str
) -> None:
    method, path, key, status = refused
    with opened(server, head(method, path, "Content-Type: application/json", length, expect, key=key)) as one:
        text = answer_of(one)
    assert text.startswith(f"HTTP/1.1 {status}"), text
    assert "connection: close" in text.lower()


@pytest.mark.parametrize("provider", SUBMITS)
def test_a_body_that_is_wanted_is_asked_for(server: Running, provider: str) -> None:
    start = head(
        "POST", SUBMITS[provider][0], "Content-Type: application/json", "Content-Length: 2",
        "Expect: 100-continue",
    )  # fmt: skip
    with opened(server, start) as connected:
        assert answer_of(connected) == "HTTP/1.1 100 Continue\r\n\r\n"
        connected.sendall(b"{}")
        assert answer_of(connected).startswith("HTTP/1.1 400")


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), (GMI, 401)])
def test_who_sends_a_refused_body_nevertheless_gets_the_answer(
    server: Running, path: str, status: int
) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=PATIENCE) as client:
        for size in (MIB, 2 * MIB):
            assert client.post(path, content=b"x" * size).status_code == status


def test_an_endless_body_is_cut_off_after_the_answer(server: Running) -> None:
    start = head("POST", "/nothing", "Transfer-Encoding: chunked")
    with opened(server, start) as connected:
        assert is_cut_off(connected, b"10000\r\n" + b"x" * 65536 + b"\r\n")


def test_the_journal_notes_what_was_not_taken(server: Running) -> None:
    with opened(server, head("POST", "/nothing", HUGE)) as connected:
        answer_of(connected)
    entry = server.app.services.journal.match(status=404)[-1]
    assert (entry.request_size, entry.request_cut, entry.request_body) == (60_000_000, True, b"")


def test_a_small_body_that_nobody_wants_is_in_the_journal_and_the_connection_stays(server: Running) -> None:
    with server.client(None) as client:
        answer = client.post(GMI, json=SUBMIT)
    assert answer.status_code == 401
    assert "connection" not in answer.headers
    entry = server.app.services.journal.match(status=401)[-1]
    assert b"a cat" in entry.request_body
    assert not entry.request_cut


def submit_head(size: int) -> bytes:
    """The head of a submit whose body has so many bytes."""
    return head("POST", GMI, "Content-Type: application/json", f"Content-Length: {size}")


def test_all_bodies_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IN_FLIGHT", 3 * MIB)
    with running_app(Settings(max_body=2 * MIB)) as server, server.client() as client:
        in_flight = server.app._providers._in_flight
        first, second = submit_head(2 * MIB), submit_head(2 * MIB)
        with opened(server, first) as one, opened(server, second) as other:
            for connected in (one, other):
                connected.sendall(b'"' + b"x" * (MIB + MIB // 4))
            wait_until(lambda: in_flight.held > 2 * MIB)
            large = client.post(GMI, json={**SUBMIT, "payload": {"prompt": "x" * MIB}})
            assert large.status_code == 503
            assert large.headers["retry-after"] == "1"
            assert "send the request again" in large.text
            assert client.post(GMI, json=SUBMIT).status_code == 200
            assert server.app.services.journal.match(status=503)[-1].operation is not None
        wait_until(lambda: in_flight.held == 0)
        assert client.post(GMI, json={**SUBMIT, "payload": {"prompt": "x" * MIB}}).status_code == 400


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_for_the_control_plane_has_its_own_bound(server: Running, chunked: bool) -> None:
    content = b'{"fault": "' + b"x" * MIB + b'"}'
    headers = {"Authorization": "Bearer secret-token", "Content-Type": "application/json"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
        answer = client.post("/__mock/rules", content=iter([content]) if chunked else content)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert "1048576 bytes" in answer.text
