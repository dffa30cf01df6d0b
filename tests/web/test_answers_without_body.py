"""Answers that end with their head, and lists that take no parameter: made-up contracts have both."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import in_process
from mockserver.faults.seams import Reply
from mockserver.settings import Settings
from mockserver.web.broken_replies import send_reply
from mockserver.web.pauses import Pauses
from tests.kit.generated.design import Design
from tests.kit.generated.provider import write

EXAMPLE = {"model": "small", "prompt": "a lantern", "seconds": 1}
HEADERS = {"authorization": "Bearer a-key"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a provider whose cancel answers 204 and whose list has no parameter."""
    folder = write(Design(listing="plain", cancelled="empty"), tmp_path)
    with (
        in_process.serve(Settings(contracts=(folder.parent,)), store="memory:") as running,
        httpx.Client(base_url=running.url, headers=HEADERS) as client,
    ):
        yield client


def test_an_answer_without_content_is_its_head_alone_and_the_connection_goes_on(client: httpx.Client) -> None:
    job = client.post("/jobs", json=EXAMPLE).json()["id"]
    answer = client.delete(f"/jobs/{job}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert {"content-length", "content-type"}.isdisjoint(answer.headers)
    assert client.get(f"/jobs/{job}").json()["state"] == "stopped"


def test_a_list_may_have_no_parameter(client: httpx.Client) -> None:
    client.post("/jobs", json=EXAMPLE)
    assert client.get("/jobs").json()["total"] == 1


def test_on_the_wire_the_next_answer_follows_the_head_of_one_without_content(client: httpx.Client) -> None:
    job = client.post("/jobs", json=EXAMPLE).json()["id"]
    url = client.base_url
    lines = [f"DELETE /jobs/{job} HTTP/1.1", f"GET /jobs/{job} HTTP/1.1"]
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        for line, more in zip(lines, ("", "connection: close\r\n"), strict=True):
            head = f"{line}\r\nhost: x\r\nauthorization: Bearer a-key\r\n{more}\r\n"
            connection.sendall(head.encode())
        received = b"".join(iter(lambda: connection.recv(65536), b""))

    first, _, rest = received.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 204 ")
    assert b"content-length" not in first.lower()
    assert rest.startswith(b"HTTP/1.1 200 ")


def test_an_answer_without_content_has_none_under_a_fault_either() -> None:
    messages: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    reply = Reply(204, [(b"content-type", b"application/json"), (b"x-id", b"1")], b"null")
    asyncio.run(send_reply(send, reply, Pauses()))

    assert messages[0]["headers"] == [(b"x-id", b"1")]
    assert [message["body"] for message in messages[1:]] == [b""]
