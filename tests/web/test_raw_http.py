"""What HTTP clients send besides a method and a body means what RFC 9110 says. All over raw sockets."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from mockserver.settings import Settings, read_pace
from mockserver.web.media_routes import read_http_date
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, PATIENCE, Running, running_app
from tests.web.test_offers import SUBMIT, TOKEN, answers, request, sized

Head = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = Settings(
        token=TOKEN,
        pace=read_pace("immediate"),
        small_clips=True,
        cache_dir=tmp_path_factory.mktemp("clips"),
    )
    with running_app(settings) as running:
        yield running


@pytest.fixture(scope="module")
def clip(server: Running) -> str:
    """The path of a clip."""
    with server.client() as client:
        job_id = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        link = str(client.get(f"{GMI}/{job_id}").json()["outcome"]["video_url"])
    return link.removeprefix(server.url)


def exchange(server: Running, data: bytes) -> bytes:
    """All bytes that come back until the server closes."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE)) as connected:
        connected.sendall(data)
        parts = []
        while part := connected.recv(65536):
            parts.append(part)
    return b"".join(parts)


def ask(server: Running, method: str, path: str, *headers: str) -> Head:
    """Status, headers and body of one answer, after which the connection is closed."""
    head, _, body = exchange(server, request(method, path, "Connection: close", *headers)).partition(
        b"\r\n\r\n"
    )
    first, *lines = head.decode("latin-1").split("\r\n")
    named = dict(line.lower().split(": ", 1) for line in lines)
    named.pop("date", None)
    return int(first.split()[1]), named, body


RANGES = [
    ("bytes=0-99", 206, 100),
    ("bytes=-7", 206, 7),
    ("bytes=999999999-", 416, 0),
    ("bytes=0-1,5-6", 200, -1),
    ("", 200, -1),
]


@pytest.mark.parametrize(("span", "status", "length"), RANGES)
def test_a_head_has_the_headers_of_the_get(
    server: Running, clip: str, span: str, status: int, length: int
) -> None:
    headers = [f"Range: {span}"] if span else []
    got, head = ask(server, "GET", clip, *headers), ask(server, "HEAD", clip, *headers)
    assert head == (status, got[1], b"")
    assert got[0] == status
    assert int(head[1]["content-length"]) == (len(got[2]) if length < 0 else length)
    assert ("content-range" in head[1]) == (status != 200)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_already_is_not_sent(server: Running, clip: str, method: str) -> None:
    _, headers, _ = ask(server, "HEAD", clip)
    tag, date = headers["etag"], headers["last-modified"].title().replace("Gmt", "GMT")
    old, future = "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    expected = [
        ((f"If-Modified-Since: {date}",), 304),
        ((f"If-Modified-Since: {future}",), 304),
        ((f"If-Modified-Since: {old}",), 200),
        (("If-Modified-Since: yesterday",), 200),
        ((f"If-None-Match: {tag}",), 304),
        (('If-None-Match: "other"', f"If-Modified-Since: {date}"), 200),
        (("If-None-Match: *", "Range: bytes=0-9"), 304),
        ((f"If-Range: {tag}", "Range: bytes=0-9"), 206),
        ((f"If-Range: {date}", "Range: bytes=0-9"), 206),
        ((f"If-Range: {old}", "Range: bytes=0-9"), 200),
        (('If-Range: "other"', "Range: bytes=0-9"), 200),
    ]
    for sent, status in expected:
        got, named, body = ask(server, method, clip, *sent)
        assert (sent, got) == (sent, status)
        assert bool(body) == (method == "GET" and status != 304)
        assert named["etag"] == tag


@pytest.mark.parametrize("text", ["", "0", "Mon, 99 Foo 2020", "Fri, 31 Dec 99999 00:00:00 GMT", "\xff" * 9])
def test_a_date_that_is_none(text: str) -> None:
    assert read_http_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 26 Nov 2026 19:00:00 GMT",
        "Thu, 26 Nov 2026 19:00:00 -0000",
        "Thu, 26 Nov 2026 21:00:00 +0200",
        "Thursday, 26-Nov-26 19:00:00 GMT",
    ],
)
def test_a_date_is_read_by_its_zone_and_without_any_as_utc(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert read_http_date(text) == datetime(2026, 11, 26, 19, tzinfo=UTC).timestamp()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_connection_close_ends_the_connection_and_keep_alive_does_not(server: Running, clip: str) -> None:
    for path in (GMI, clip, "/__mock/health"):
        closed = exchange(server, request("HEAD", path, "Connection: close") * 2)
        assert closed.count(b"HTTP/1.1 ") == 1
    alive = [request("GET", GMI, "Connection: keep-alive"), request("GET", GMI, "Connection: close")]
    assert [status for status, _ in answers(server, alive, ["GET", "GET"])] == [200, 200]


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize(("method", "path", "key"), [("POST", GMI, KEY), ("PUT", "/__mock/clock", TOKEN)])
def test_who_expects_to_be_asked_for_the_body_is_asked(
    server: Running, method: str, path: str, key: str, coded: bool
) -> None:
    body = b'{"mode": "real"}' if method == "PUT" else SUBMIT
    headers, body = sized(gzip.compress(body) if coded else body)
    more = ("Content-Encoding: gzip",) if coded else ()
    head = request(method, path, "Expect: 100-continue", "Connection: close", *headers, *more, key=key)
    host, _, port = server.url.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE)) as connected:
        connected.sendall(head)
        assert connected.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connected.sendall(body)
        assert connected.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("coded", [False, True])
def test_trailers_change_nothing(server: Running, coded: bool) -> None:
    body = gzip.compress(SUBMIT) if coded else SUBMIT
    headers = ["Content-Type: application/json", "Transfer-Encoding: chunked", "Trailer: X-Sum"]
    if coded:
        headers.append("Content-Encoding: gzip")
    chunked = b"%x\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(body), body)
    submit = request("POST", GMI, *headers, body=chunked)
    results = answers(server, [submit, request("GET", GMI)], ["POST", "GET"])
    assert [status for status, _ in results] == [200, 200]
    assert "request_id" in json.loads(results[0][1])
