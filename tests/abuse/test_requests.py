"""Requests and connections that cost a server more than their sender: nobody else notices."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx

from tests.abuse.tour import ATTACKER, MIB, SUBMIT, Tour, submit

DIGITS = "9" * 5000
"""More than Python reads as a number."""
KEYS = 4000
"""More than are counted one by one."""
FIELDS = "&".join(f"a{number}=1" for number in range(5000))


def codes(answers: Iterator[httpx.Response]) -> set[int]:
    return {answer.status_code for answer in answers}


TARGETS = (
    f"{SUBMIT}?page={DIGITS}",
    f"{SUBMIT}?page_size=-{DIGITS}",
    f"{SUBMIT}?{FIELDS}",
    f"/v2/generate/video/kling/generation?generation_id=a&{FIELDS}",
    f"/kling/v1/videos/image2video?pageNum={DIGITS}",
    f"/api/v1/apikey/models?{FIELDS}",
    f"/media/{DIGITS}/video.mp4?expires={DIGITS}",
    f"/__mock/journal?since={DIGITS}&wait={DIGITS}",
    f"/__mock/jobs?limit={DIGITS}",
)


def test_numbers_and_many_fields(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    headers = {"x-mock-token": str(visit.process.said["token"])}
    with visit.client() as client, visit.attack():
        for target in TARGETS:
            for _ in range(10):
                answer = client.get(target, headers=headers)
                assert answer.status_code < 500, (target[:60], answer.text)


def test_ranges_of_a_clip(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client:
        record = client.get(f"{SUBMIT}/{submit(client, 'a kite')}").json()
        video = record["outcome"]["video_url"]
        client.get(video).raise_for_status()
        ranges = [f"bytes={DIGITS}-", f"bytes=0-{DIGITS}", f"bytes=-{DIGITS}", f"bytes={'0-1,' * 10_000}0-1"]
        with visit.attack():
            answers = [client.get(video, headers={"Range": text}) for text in ranges]
    assert codes(iter(answers)) <= {200, 206, 400, 416, 431}


def test_keys_that_only_look(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    address = urlsplit(visit.url)
    with visit.attack(memory=30 * MIB) as attack, visit.control() as control:
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        for number in range(KEYS):
            connection.request("GET", SUBMIT, headers={"Authorization": f"Bearer key-{number}"})
            connection.getresponse().read()
        connection.close()
        assert len(control.usage()) < KEYS
    assert attack.left <= 20 * MIB


def _open_body(visit: Tour, path: str, key: str, size: int) -> socket.socket:
    head = [f"POST {path} HTTP/1.1", "Host: a", f"Authorization: Bearer {key}", f"Content-Length: {size}"]
    connection = visit.connect()
    connection.sendall("\r\n".join([*head, "Content-Type: application/json", "", ""]).encode())
    return connection


def _send(connection: socket.socket, size: int) -> bytes:
    """As much of a body as the server takes, and the beginning of its answer."""
    connection.settimeout(2)
    try:
        connection.sendall(b" " * size)
        return connection.recv(64)
    except OSError:
        return b""


def test_bodies_to_an_unknown_path(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with ExitStack() as stack, visit.attack(memory=60 * MIB), ThreadPoolExecutor(10) as pool:
        connections = [
            stack.enter_context(_open_body(visit, "/no/such/path", ATTACKER, 60 * MIB)) for _ in range(10)
        ]
        starts = list(pool.map(lambda connection: _send(connection, 30 * MIB), connections))
    assert {start[:12] for start in starts} <= {b"HTTP/1.1 404", b""}


def test_bodies_that_are_held_open(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with ExitStack() as stack, visit.attack(memory=450 * MIB), ThreadPoolExecutor(12) as pool:
        connections = [stack.enter_context(_open_body(visit, SUBMIT, ATTACKER, 60 * MIB)) for _ in range(12)]
        starts = list(pool.map(lambda connection: _send(connection, 50 * MIB), connections))
    assert any(start.startswith(b"HTTP/1.1 503") for start in starts)


def test_bad_requests_are_no_flood_of_lines(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with visit.attack(log=64 * 1024):
        for number in range(300):
            with visit.connect() as connection:
                connection.sendall(b"GET /\x1b[31m%d\r\nno head\r\n\r\n" % number)
                _send(connection, 0)


def test_many_pages_of_a_list(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour("--pace", "immediate")
    with visit.client() as client:
        for _ in range(300):
            submit(client, "a kite" * 300)
        with visit.attack():
            answers = [client.get(SUBMIT, params={"page_size": 500, "page": page}) for page in range(1, 30)]
    assert codes(iter(answers)) <= {200, 400}
