"""A read that comes again in the same bytes is answered as the first was, for as long as that is true."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.control_client import ControlClient
from mockserver.settings import read_pace
from mockserver.stores.base import Store
from mockserver.stores.open import open_store
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, PATIENCE, START, Running

Serve = Callable[..., Running]
TOKEN = "repeats"


class Poller:
    """A client of one connection, all of whose reads are the same bytes."""

    def __init__(self, server: Running, connection: HTTPConnection) -> None:
        self._server = server
        self._connection = connection
        with server.client() as client:
            self.job = str(client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"])

    def poll(self) -> tuple[int, Any]:
        self._connection.request("GET", f"{GMI}/{self.job}", headers={"Authorization": f"Bearer {KEY}"})
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def listed(self) -> list[tuple[str, str]]:
        """The ids and states of the list's jobs."""
        self._connection.request("GET", GMI, headers={"Authorization": f"Bearer {KEY}"})
        body = json.loads(self._connection.getresponse().read())
        assert body["total"] == len(body["requests"])
        return [(record["request_id"], record["status"]) for record in body["requests"]]

    def state(self) -> str:
        status, body = self.poll()
        assert status == 200, body
        return str(body["status"])


@contextmanager
def poller_of(server: Running) -> Iterator[Poller]:
    address = urlsplit(server.url)
    with closing(HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE)) as connection:
        yield Poller(server, connection)


@pytest.fixture
def polled(running: Serve) -> Iterator[tuple[Running, Poller]]:
    """A server and who has polled a job of it thrice, so that what can be remembered is."""
    server = running(token=TOKEN)
    with poller_of(server) as poller:
        assert len({poller.state() for _ in range(3)}) == 1
        yield server, poller


def _control(server: Running) -> ControlClient:
    return ControlClient(server.url, TOKEN, key=KEY)


def test_it_is_not_made_anew(polled: tuple[Running, Poller], monkeypatch: pytest.MonkeyPatch) -> None:
    server, poller = polled
    monkeypatch.setattr(server.app.pipeline, "handle", None)
    assert poller.poll()[0] == 200


def test_the_next_state_comes_at_its_moment(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    states = []
    for _ in range(10):
        server.clock.advance(1)
        states.append(poller.state())
        assert poller.state() == states[-1]
    assert states[-1] == "success"
    assert len(dict.fromkeys(states)) > 2


def test_a_clock_that_is_moved_counts_at_once(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    with _control(server) as control:
        control.advance(60)
    assert poller.state() == "success"


def test_a_job_that_is_cancelled_is_shown_so_at_once(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    before = poller.state()
    with _control(server) as control:
        control.cancel("gmicloud", poller.job)
    assert poller.state() == "cancelled" != before


def test_a_job_that_is_gone_is_not_found(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    with _control(server) as control:
        control.reset()
    assert poller.poll()[0] == 404


def test_a_rule_acts_on_the_next_read(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    with _control(server) as control:
        control.add_rule("forbidden")
    assert poller.poll()[0] == 403


def test_every_read_is_in_the_journal_and_counts(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    server.clock.advance(1)
    poller.poll()
    first, *_, last = server.app.services.journal.match(role="read")
    assert last.number == first.number + 3
    assert last.at == START + 1000
    assert ("authorization", "[redacted]") in last.request_headers
    assert (last.job_id, last.status, last.path) == (poller.job, 200, f"{GMI}/{poller.job}")
    [(_, calls)] = server.app.services.usage.by_tenant()
    assert calls["gmicloud", "read"] == 4


def test_polls_that_move_a_job_are_all_counted(running: Serve) -> None:
    with poller_of(running(pace=read_pace("polls:4"))) as poller:
        states = [poller.state() for _ in range(4)]
    assert states[-1] == "success" != states[-2]


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return open_store("memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'jobs.sqlite3'}")


def test_what_was_done_to_a_job_is_seen_whatever_the_store(running: Serve, store: Store) -> None:
    server = running(token=TOKEN, store=store)
    with poller_of(server) as poller, _control(server) as control:
        poller.state(), poller.state()
        control.force("gmicloud", poller.job, "failed")
        assert poller.state() == "failed"


def test_what_another_server_did_to_a_job_is_seen_at_once(running: Serve, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'jobs.sqlite3'}"
    server, other = running(store=open_store(url)), running(store=open_store(url), token=TOKEN)
    with poller_of(server) as poller, _control(other) as control:
        before = [poller.state() for _ in range(3)]
        control.cancel("gmicloud", poller.job)
        assert poller.state() == "cancelled" not in before


def test_reads_that_come_together_or_in_pieces_are_each_answered(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    address = urlsplit(server.url)
    head = f"GET {GMI}/{poller.job} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    connection = HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE)
    with closing(connection):
        connection.connect()
        sock = connection.sock
        for pieces in (
            [head],
            [head],
            [head + head],
            [head[:20], head[20:]],
            [head + head[:9], head[9:] + head],
        ):
            expected = "".join(pieces).count("GET ")
            received = b""
            for piece in pieces:
                sock.sendall(piece.encode())
            while received.count(b"HTTP/1.1 200") < expected or not received.endswith(b"}"):
                received += sock.recv(65536)
            assert received.count(b"HTTP/1.1 200") == expected


def test_a_list_has_a_new_job_at_once(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    before = [poller.listed() for _ in range(3)][-1]
    with server.client() as client:
        new = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
    assert [job for job, _ in poller.listed()] == [new, *(job for job, _ in before)]


def test_a_list_shows_each_job_as_it_is_at_the_moment(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    for _ in range(10):
        server.clock.advance(1)
        assert [poller.listed() for _ in range(2)] == [[(poller.job, poller.state())]] * 2
    assert poller.state() == "success"


def test_a_list_shows_what_was_done_to_its_jobs(polled: tuple[Running, Poller]) -> None:
    server, poller = polled
    poller.listed(), poller.listed()
    with _control(server) as control:
        control.cancel("gmicloud", poller.job)
        assert poller.listed() == [(poller.job, "cancelled")]
        control.delete("gmicloud", poller.job)
    assert poller.listed() == []
