"""Requests whose heads came before in the same bytes: they are not parsed again, and mean the same."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.stores.open import open_store
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, PATIENCE, Running

Serve = Callable[..., Running]


class Wire:
    """A connection on which submits are sent whose heads are all the same bytes."""

    def __init__(self, server: Running) -> None:
        address = urlsplit(server.url)
        self.netloc = address.netloc
        self.socket = socket.create_connection((str(address.hostname), address.port), timeout=PATIENCE)
        self._received = b""

    def submit_text(self, prompt: str, *headers: str) -> bytes:
        """A submit; its body is as long whatever the prompt is."""
        body = json.dumps({**SUBMITS["gmicloud"][1], "payload": {"prompt": f"{prompt:<60}"}}).encode()
        head = [f"POST {GMI} HTTP/1.1", f"Host: {self.netloc}", f"Authorization: Bearer {KEY}", *headers]
        lines = [*head, "Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).encode() + body

    def answer(self) -> tuple[int, Any]:
        """The next answer's status and JSON."""
        while b"\r\n\r\n" not in self._received:
            self._read()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        while len(self._received) < size:
            self._read()
        body, self._received = self._received[:size], self._received[size:]
        return int(head.split()[1]), json.loads(body)

    def _read(self) -> None:
        received = self.socket.recv(65536)
        assert received, "the server closed the connection"
        self._received += received


@pytest.fixture(params=["memory", "file"])
def server(request: pytest.FixtureRequest, running: Serve, tmp_path: Path) -> Running:
    store = open_store("memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    return running(store=store)


@pytest.fixture
def wire(server: Running) -> Iterator[Wire]:
    """A connection that has sent two submits, so that their head is known."""
    wire = Wire(server)
    with closing(wire.socket):
        for prompt in ("a kite", "a boat"):
            wire.socket.sendall(wire.submit_text(prompt))
            assert wire.answer()[0] == 200
        yield wire


def prompts(server: Running) -> list[str]:
    with server.client() as client:
        requests = client.get(GMI).json()["requests"]
    return [str(record["payload"]["prompt"]).strip() for record in requests]


def test_each_is_a_job_of_its_own(server: Running, wire: Wire) -> None:
    assert prompts(server) == ["a boat", "a kite"]
    submits = server.app.services.journal.match(role="submit")
    assert [json.loads(entry.request_body)["payload"]["prompt"].strip() for entry in submits] == [
        "a kite",
        "a boat",
    ]
    assert {("authorization", "[redacted]") in entry.request_headers for entry in submits} == {True}


def test_their_parser_does_not_read_them(
    server: Running, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.app.eager, "read_head", None)
    wire.socket.sendall(wire.submit_text("a cat"))
    assert wire.answer()[0] == 200


def test_those_that_are_sent_before_an_answer_are_answered_in_order(server: Running, wire: Wire) -> None:
    names = [f"number {number}" for number in range(8)]
    wire.socket.sendall(wire.submit_text(names[0]))
    wire.socket.sendall(b"".join(map(wire.submit_text, names[1:])))
    assert [wire.answer()[0] for _ in names] == [200] * 8
    assert prompts(server)[:8] == names[::-1]


@pytest.mark.parametrize("cut", [10, 120, 300])
def test_one_that_comes_in_pieces_is_answered(server: Running, wire: Wire, cut: int) -> None:
    text = wire.submit_text("a cat")
    for piece in (text[:cut], text[cut:], *([text] * 2)):
        wire.socket.sendall(piece)
    assert [wire.answer()[0] for _ in range(3)] == [200] * 3


def test_one_that_the_contract_forbids_is_refused(wire: Wire) -> None:
    text = wire.submit_text("a cat").replace(b'"model"', b'"mod_l"')
    wire.socket.sendall(text)
    status, body = wire.answer()
    assert (status, "model" in json.dumps(body)) == (400, True)


def test_a_fault_that_drips_or_replaces_the_answer_acts(wire: Wire) -> None:
    for marker, status in (("too-many", 429), ("drip rate=5000", 200)):
        wire.socket.sendall(wire.submit_text(f"a cat [mock:{marker}]"))
        assert wire.answer()[0] == status


def test_a_connection_that_is_broken_on_purpose_is_broken(wire: Wire) -> None:
    wire.socket.sendall(wire.submit_text("a cat [mock:reset]"))
    with pytest.raises((ConnectionError, AssertionError)):
        wire.answer()


def test_one_whose_client_leaves_is_stored(server: Running, wire: Wire) -> None:
    wire.socket.sendall(wire.submit_text("the last words"))
    wire.socket.close()
    with server.client() as client:
        for _ in range(1000):
            if client.get(GMI).json()["total"] == 3:
                break
    assert prompts(server)[0] == "the last words"
