"""Which requests are answered as soon as they are read; the others go the long way, to the same answer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mockserver.app import Mockserver, build_app
from mockserver.engine.message import Head, Header, Response
from mockserver.settings import Settings
from mockserver.stores.memory import MemoryStore
from mockserver.web import whole_requests
from mockserver.web.at_once import MOST, is_usual, is_whole, write_whole
from mockserver.web.whole_requests import WholeRequests
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import KEY, Running

Serve = Callable[..., Running]
SERVER = ("http", ("127.0.0.1", 80))
HOST = (b"host", b"there:80")
AUTHORIZATION = (b"authorization", f"Bearer {KEY}".encode())


@pytest.mark.parametrize(
    ("method", "target", "body", "usual"),
    [
        *((method, b"/a/b?c=d", b"x", True) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
        *((method, b"/a", b"", False) for method in ("HEAD", "OPTIONS", "CONNECT", "get", "")),
        ("POST", b"/", bytes(MOST), True),
        ("POST", b"/", bytes(MOST + 1), False),
        ("GET", b"/?a=//%20", b"", True),
        ("GET", b"/a//b", b"", True),
        ("GET", b"//a", b"", False),
        ("GET", b"a", b"", False),
        ("GET", b"*", b"", False),
        ("GET", b"", b"", False),
        ("GET", b"http://a/b", b"", False),
        ("GET", b"/a%20b", b"", False),
        ("GET", b"/a?b#c", b"", False),
        ("GET", b"/a#", b"", False),
        ("GET", "/é".encode(), b"", False),
        ("GET", "/a?é".encode(), b"", False),
    ],
)
def test_a_usual_request_has_a_plain_path(method: str, target: bytes, body: bytes, usual: bool) -> None:
    assert is_usual(method, target, body) is usual


async def _stream() -> Any:
    yield b""


@pytest.mark.parametrize(
    ("change", "whole"),
    [
        ({}, True),
        ({"status": 404}, True),
        ({"status": 204}, False),
        ({"status": 304}, False),
        ({"status": 299}, True),
        ({"status": 600}, False),
        ({"reply": object()}, False),
        ({"stream": _stream()}, False),
        ({"file": "/media/a"}, False),
        ({"repeat": object()}, True),
    ],
)
def test_a_whole_answer_is_status_headers_and_body(change: dict[str, Any], whole: bool) -> None:
    assert is_whole(Response(**{"status": 200, "body": b"{}", **change})) is whole


class _Transport:
    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


@pytest.mark.parametrize(("last", "close"), [(False, b""), (True, b"connection: close\r\n")])
def test_a_whole_answer_is_written_in_one_piece(last: bool, close: bytes) -> None:
    transport: Any = _Transport()
    response = Response(201, [(b"content-type", b"a/b"), (b"x-a", b"c")], b"body")

    write_whole(transport, [(b"date", b"now")], response, last=last)

    head, _, body = transport.written.partition(b"\r\n\r\n")
    first, *lines = f"{head.decode()}\r\n".encode().splitlines(keepends=True)
    assert (first, body) == (b"HTTP/1.1 201 Created\r\n", b"body")
    assert sorted(lines) == sorted(
        [b"date: now\r\n", b"content-type: a/b\r\n", b"x-a: c\r\n", b"content-length: 4\r\n"] + [close] * last
    )


def read_head(
    app: Mockserver, method: str = "GET", target: bytes = GMI.encode(), *headers: Header
) -> Head | None:
    return app.eager.read_head(method, target, [HOST, AUTHORIZATION, *headers], SERVER)


def head_of(
    server: Running, method: str = "GET", target: bytes = GMI.encode(), *headers: Header
) -> Head | None:
    return read_head(server.app, method, target, *headers)


def test_a_documented_request_is_taken_with_all_that_its_head_says(running: Serve) -> None:
    head = head_of(running(), "POST", f"{GMI}?a=1".encode(), (b"content-length", b"12"), (b"x", b"y"))
    assert head is not None
    assert (head.method, head.path, head.query, head.length) == ("POST", GMI, "a=1", 12)
    assert (head.base, head.named[b"x"]) == ("http://there:80", b"y")
    assert head.match.operation is not None
    assert head.match.operation.role == "submit"


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", b"/", ()),
        ("GET", b"/__mock/jobs", ()),
        ("GET", b"/media/gmicloud/a/video.mp4", ()),
        ("GET", b"/nowhere", ()),
        ("PATCH", GMI.encode(), ()),
        *(
            ("GET", GMI.encode(), ((name, b"gzip"),))
            for name in (b"origin", b"content-encoding", b"transfer-encoding", b"expect")
        ),
        ("POST", GMI.encode(), ((b"content-length", b"-1"),)),
        ("POST", GMI.encode(), ((b"content-length", b"101"),)),
    ],
)
def test_another_request_is_left_to_the_routes(
    running: Serve, method: str, target: bytes, headers: tuple[Header, ...]
) -> None:
    assert head_of(running(max_body=100), method, target, *headers) is None


def test_the_largest_body_is_still_taken(running: Serve) -> None:
    assert head_of(running(max_body=100), "POST", GMI.encode(), (b"content-length", b"100")) is not None


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        (Settings(), True),
        (Settings(cors=("*",)), False),
        (Settings(control_port=9), False),
        (Settings(cors=("*",), control_port=9), False),
    ],
)
def test_where_pages_may_call_or_there_are_two_ports_all_is_left_to_the_routes(
    settings: Settings, taken: bool
) -> None:
    app = build_app(settings, store=MemoryStore())
    assert (read_head(app) is not None) is taken


def test_a_public_url_is_the_base_of_links(running: Serve) -> None:
    head = head_of(running(public_url="https://mock.test"))
    assert head is not None
    assert head.base == "https://mock.test"


def test_so_many_heads_of_such_a_length_are_known(running: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_requests, "_MOST_HEADS", 2)
    monkeypatch.setattr(whole_requests, "_LONGEST_HEAD", 3)
    server = running()
    eager, head = server.app.eager, head_of(server)
    assert head is not None

    for text in (b"a", b"bb", b"ccc", b"dddd"):
        eager.know(text, head)

    # The first is forgotten for the third, and the fourth is too long.
    assert [eager.known(text) for text in (b"a", b"bb", b"ccc", b"dddd")] == [None, head, head, None]


@pytest.mark.parametrize(
    ("host", "public_url", "known"),
    [
        ([HOST], None, True),
        ([], None, False),
        ([(b"host", b"a b")], None, False),
        ([(b"host", b"")], None, False),
        ([], "https://mock.test", True),
    ],
)
def test_a_head_is_known_only_if_its_links_are_the_same_from_everywhere(
    running: Serve, host: list[Header], public_url: str | None, known: bool
) -> None:
    eager = running(public_url=public_url).app.eager
    head = eager.read_head("GET", GMI.encode(), [*host, AUTHORIZATION], SERVER)
    assert head is not None
    eager.know(b"text", head)
    assert (eager.known(b"text") is not None) is known


@pytest.mark.parametrize("is_plain", [False, True])
def test_a_request_that_fails_is_answered(
    is_plain: bool, running: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    server = running()
    eager, head = server.app.eager, head_of(server)
    assert head is not None
    head.is_plain = is_plain
    monkeypatch.setattr(eager, "_prepare", fail)
    monkeypatch.setattr(eager._pipeline.plain_submits, "begin", fail)

    answer = eager.begin(head, b"")

    assert isinstance(answer, Response)
    assert answer.status == 500
    assert (b"content-type", b"application/problem+json") in answer.headers


def test_reads_need_none_of_the_routes(running: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = running()
    with server.client() as client:
        job = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
        monkeypatch.setattr(server.app, "_route", None)
        answers = [client.get(f"{GMI}{path}") for path in (f"/{job}", "", "/none", f"/{job}")]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 200]


@pytest.mark.parametrize(
    ("is_known", "repeat", "puts"), [(True, 1, 1), (True, None, 0), (False, 1, 0), (False, None, 0)]
)
def test_only_an_answer_that_may_be_repeated_to_a_known_head_is_remembered(
    is_known: bool, repeat: Any, puts: int
) -> None:
    put: list[bytes] = []
    pipeline: Any = SimpleNamespace(repeats=SimpleNamespace(put=lambda whole, _: put.append(whole)))
    requests = WholeRequests(pipeline, Settings(), cast(Any, None), cast(Any, None), lambda: None)
    head, body = b"GET /a HTTP/1.1\r\nhost: b\r\n\r\n", b"{}"
    requests._heads = {head if is_known else head[:-1]: cast(Any, None)}
    response = Response(200, [])
    response.repeat = repeat
    requests.remember(head + body, response)

    assert put == [head + body] * puts
