"""What is received and sent, message by message, where a client could hardly tell the difference."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.message import NoRoomForBody, Request, Response
from mockserver.faults.seams import Asset, Reply
from mockserver.web import bodies, connection
from mockserver.web.bodies import BodiesInFlight, IncomingBody, send_and_close
from mockserver.web.broken_replies import drop_connection, send_reply
from mockserver.web.media_faults import encoded_headers, send_asset
from mockserver.web.media_routes import Span, _unchanged, read_range
from mockserver.web.pauses import Pauses
from mockserver.web.wire import Disconnected, send_response, server_address

Messages = list[dict[str, Any]]
KIB, MIB = 1024, 1024 * 1024


class Slept(Pauses):
    """Pauses that take no time and are noted."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Note them."""
        self.seconds.append(seconds)


def sent_by(act: Callable[[Any], Awaitable[None]]) -> Messages:
    """The messages that `act` hands to the `send` it is given."""
    messages: Messages = []

    async def send(message: Any) -> None:
        messages.append(dict(message))

    async def run() -> None:
        await act(send)

    asyncio.run(run())
    return messages


def chunks(*parts: bytes, more: bool = False) -> Callable[[], Awaitable[dict[str, Any]]]:
    """A `receive` that gives these parts of a body, and then that the client has gone."""
    left = [
        {"type": "http.request", "body": part, "more_body": more or number < len(parts)}
        for number, part in enumerate(parts, 1)
    ]

    async def receive() -> dict[str, Any]:
        return left.pop(0) if left else {"type": "http.disconnect"}

    return receive


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        (bodies.IN_FLIGHT, 256 * MIB),
        (bodies.SKIMMED, 64 * KIB),
        (bodies.LARGE, 4 * MIB),
        (bodies.SKIM_TIME, 0.5),
        (bodies.TRIM_AFTER, 1),
        (bodies.SILENCE, 2),
        (connection.PATIENCE, 30),
        (connection.SLOWEST, 1000),
        (connection.READER_PATIENCE, 60),
        (connection.MAX_HEAD, 64 * KIB),
        (connection.MAX_HEADERS, 256),
        (connection.MAX_PIPELINED, 64),
    ],
)
def test_the_bounds_are_those_that_are_documented(limit: float, value: float) -> None:
    assert limit == value


def incoming(receive: Any, most: int, *headers: tuple[bytes, bytes], room: int = 100) -> tuple[Request, Any]:
    """A request with that body to come, of which `most` bytes may be taken, and the body."""
    request = Request("POST", "/", "", headers, b"", "http://mock")
    in_flight = BodiesInFlight(0)
    in_flight.most = room
    return request, IncomingBody(request, receive, in_flight, most)


@pytest.mark.parametrize("parts", [(b"0123456789",), (b"01234", b"56789"), (b"0123456789", b"")])
def test_a_body_of_the_largest_size_is_taken(parts: tuple[bytes, ...]) -> None:
    request, body = incoming(chunks(*parts), 10)
    asyncio.run(body.take())

    assert (request.body, request.cut, body.whole) == (b"0123456789", False, True)
    assert body._in_flight.held == (10 if len(parts) > 1 else 0)
    body.release()
    assert (request.body, body._in_flight.held) == (b"", 0)


@pytest.mark.parametrize(
    ("size", "kind"), [(0, bytes), (1, bytes), (bodies.SKIMMED, bytes), (bodies.SKIMMED + 1, bytearray)]
)
def test_a_body_in_parts_is_copied_where_it_is_small(size: int, kind: type) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    request, body = incoming(chunks(content[: size // 2], content[size // 2 :]), size, room=size)
    asyncio.run(body.take())

    assert (request.body, type(request.body)) == (content, kind)


@pytest.mark.parametrize("parts", [(b"0123456789+",), (b"01234", b"56789+"), (b"0123456789", b"+", b"")])
def test_a_body_of_one_byte_more_is_not(parts: tuple[bytes, ...]) -> None:
    request, body = incoming(chunks(*parts), 10)
    asyncio.run(body.take())

    assert (request.body, request.cut) == (b"", True)
    assert body.whole is (len(parts) < 3)


@pytest.mark.parametrize(("declared", "cut"), [(b"10", False), (b"11", True)])
def test_a_body_that_is_declared_too_long_is_not_asked_for(declared: bytes, *, cut: bool) -> None:
    request, body = incoming(chunks(b"0123456789"), 10, (b"content-length", declared))
    asyncio.run(body.take())

    assert (request.cut, body.whole) == (cut, not cut)


def test_who_leaves_in_the_middle_of_a_body_is_gone() -> None:
    _, body = incoming(chunks(b"0", b"1", more=True), 10)

    with pytest.raises(Disconnected):
        asyncio.run(body.take())


@pytest.mark.parametrize(
    ("headers", "cut"),
    [
        ((), False),
        (((b"content-length", b"65536"),), False),
        (((b"content-length", b"65537"),), True),
        (((b"expect", b"100-continue"),), True),
    ],
)
def test_a_body_that_nobody_wants_is_skimmed_if_it_is_small(headers: Any, *, cut: bool) -> None:
    request, body = incoming(chunks(b"0123456789"), 5, *headers)
    asyncio.run(body.skim())

    assert (request.body, request.cut) == (b"" if cut else b"0123456789", cut)


def test_of_a_body_that_nobody_wants_64_kib_are_taken() -> None:
    for size, cut in ((64 * KIB, False), (64 * KIB + 1, True)):
        request, body = incoming(chunks(bytes(size)), 5)
        asyncio.run(body.skim())
        assert request.cut is cut


def test_a_body_that_nobody_wants_takes_no_room_that_is_not_there() -> None:
    request, body = incoming(chunks(b"01", b"2"), 5, room=2)
    asyncio.run(body.skim())

    assert (request.body, request.cut) == (b"", True)


def test_bodies_fill_their_room_to_the_last_byte() -> None:
    in_flight = BodiesInFlight(0)
    assert in_flight.most == 256 * MIB
    assert BodiesInFlight(300 * MIB).most == 300 * MIB
    in_flight.most = 10
    in_flight.hold(6)
    in_flight.hold(4)
    with pytest.raises(NoRoomForBody, match="take 10 bytes, and 10 are allowed"):
        in_flight.hold(1)
    in_flight.release(4)
    assert in_flight.held == 6


def test_an_answer_before_its_body_is_sent_whole_and_then_closes() -> None:
    response = Response(413, [(b"x", b"y")], b"too large")
    messages = sent_by(lambda send: send_and_close(send, chunks(b"12", b"3", b"4"), response, 2))

    assert messages == [
        {
            "type": "http.response.start",
            "status": 413,
            "headers": [(b"x", b"y"), (b"connection", b"close"), (b"content-length", b"9")],
        },
        {"type": "http.response.body", "body": b"too large", "more_body": True},
        {"type": "http.response.body", "body": b""},
    ]


@pytest.mark.parametrize("size", [0, 1, 256 * KIB, 256 * KIB + 1])
@pytest.mark.parametrize("body", [True, False])
def test_a_stream_is_sent_whole_in_pieces(size: int, *, body: bool) -> None:
    content = bytes(number % 251 for number in range(size))

    async def stream() -> AsyncIterator[bytes]:
        yield content

    response = Response(200, [(b"x", b"y")], b"", stream=stream())
    start, *parts = sent_by(lambda send: send_response(send, response, body=body))

    assert start == {"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]}
    assert b"".join(part["body"] for part in parts) == (content if body else b"")
    assert all(part["more_body"] and len(part["body"]) <= 256 * KIB for part in parts[:-1])
    assert parts[-1] == {"type": "http.response.body", "body": b""}


@pytest.mark.parametrize("body", [True, False])
def test_a_reply_of_a_fault_is_sent_like_any(*, body: bool) -> None:
    pauses = Slept()
    reply = Reply(200, [(b"x", b"y")], b"content", delay=1.5)
    start, content = sent_by(lambda send: send_reply(send, reply, pauses, body=body))

    assert start["headers"] == [(b"x", b"y"), (b"content-length", b"7")]
    assert content == {"type": "http.response.body", "body": b"content" if body else b""}
    assert pauses.seconds == [1.5]


@pytest.mark.parametrize(("rate", "step"), [(10, 10), (64, 64), (128, 64)])
def test_a_body_in_drops_comes_at_its_rate(rate: int, step: int) -> None:
    pauses, content = Slept(), bytes(range(130))
    reply = Reply(200, [], content, drip=rate)
    _, *parts, last = sent_by(lambda send: send_reply(send, reply, pauses))

    assert [part["body"] for part in parts] == [content[at : at + step] for at in range(0, 130, step)]
    assert last["body"] == b""
    assert pauses.seconds == [step / rate] * len(parts)


def test_the_headers_of_a_fault_replace_their_namesakes() -> None:
    asset = Asset("video", headers=[("Content-Type", "text/html"), ("X", "é")])

    assert encoded_headers(asset, [("content-type", "video/mp4"), ("etag", "1")]) == [
        (b"etag", b"1"),
        (b"Content-Type", b"text/html"),
        (b"X", b"\xe9"),
    ]


def test_a_file_stalls_in_its_middle() -> None:
    pauses = Slept()
    asset = Asset("video", stall=3)
    start, *parts = sent_by(lambda send: send_asset(send, asset, [], b"01234", pauses, body=True))

    assert start["headers"] == [(b"content-length", b"5")]
    assert parts == [
        {"type": "http.response.body", "body": b"01", "more_body": True},
        {"type": "http.response.body", "body": b"234", "more_body": False},
    ]
    assert pauses.seconds == [3]


@pytest.mark.parametrize(
    ("asset", "promised", "content"),
    [
        (Asset("video"), b"5", b"01234"),
        (Asset("video", body=b"page"), b"4", b"page"),
        (Asset("video", length=3), b"3", b"012"),
        (Asset("video", cut=9), b"5", b"01234"),
    ],
)
def test_a_file_is_sent_as_long_as_promised(asset: Asset, promised: bytes, content: bytes) -> None:
    start, part = sent_by(lambda send: send_asset(send, asset, [], b"01234", Slept(), body=True))

    assert start["headers"] == [(b"content-length", promised)]
    assert part == {"type": "http.response.body", "body": content, "more_body": False}
    head = sent_by(lambda send: send_asset(send, asset, [], b"01234", Slept(), body=False))
    assert head == [start, {"type": "http.response.body", "body": b""}]


def test_a_file_that_is_cut_needs_a_connection_to_drop() -> None:
    with pytest.raises(RuntimeError, match="uvicorn"):
        sent_by(lambda send: send_asset(send, Asset("video", cut=4), [], b"01234", Slept(), body=True))


def by_rfc_9110(first: str, last: str, size: int) -> Span | str:
    """The oracle: positions of a file of `size` bytes that a range of one unit selects (14.1.2)."""
    if not first and not last:
        return "whole"
    if first and last and int(last) < int(first):
        return "whole"
    every = range(size)
    selected = (
        every[int(first) : int(last) + 1 if last else None] if first else every[max(0, size - int(last)) :]
    )
    return Span(selected[0], selected[-1]) if selected else "behind"


positions = st.just("") | st.integers(0, 12).map(str)


@given(positions, positions, st.integers(1, 10))
def test_a_range_selects_what_the_rfc_says(first: str, last: str, size: int) -> None:
    assert read_range(f"bytes={first}-{last}", size) == by_rfc_9110(first, last, size)


def test_a_span_counts_both_ends() -> None:
    assert (Span(3, 3).length, Span(0, -1).length, Span(2, 9).length) == (1, 0, 8)


@pytest.mark.parametrize(
    ("held", "unchanged"),
    [
        (None, False),
        ("*", True),
        (" * ", True),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", W/"a"', True),
        ('"b" , "a" ', True),
        ('"b"', False),
        ("a", False),
        ("", False),
    ],
)
def test_a_file_is_unchanged_by_its_tag(held: str | None, *, unchanged: bool) -> None:
    assert _unchanged(held, '"a"') is unchanged


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (b"mock.test", "http://mock.test"),
        (b"mock.test:8080", "http://mock.test:8080"),
        (b"[::1]:80", "http://[::1]:80"),
        (b"a" * 253, "http://" + "a" * 253),
        (b"a" * 254, "http://[::2]:99"),
        (b"a b", "http://[::2]:99"),
        (b"", "http://[::2]:99"),
    ],
)
def test_the_servers_address_is_as_the_client_knows_it(host: bytes, url: str) -> None:
    headers = [(b"x", b"other.test"), (b"host", host)]

    assert server_address({"headers": headers, "scheme": "http", "server": ("::2", 99)}) == url


def test_without_a_host_the_address_is_where_it_listens() -> None:
    assert server_address({"headers": [], "scheme": "https", "server": ("1.2.3.4", 5)}) == "https://1.2.3.4:5"
    assert server_address({"headers": [], "scheme": "http", "server": None}) == "http://127.0.0.1:80"


def test_pauses_end_for_all_that_wait_and_will() -> None:
    async def run() -> None:
        pauses = Pauses()
        waiting = asyncio.create_task(pauses.sleep(3600))
        await asyncio.sleep(0)
        assert not waiting.done()
        pauses.end()
        await waiting
        await pauses.sleep(3600)
        await Pauses().sleep(0)

    asyncio.run(run())


def test_a_dropped_connection_is_closed_and_its_request_counts_as_over() -> None:
    class Cycle:
        disconnected = False

        def __init__(self) -> None:
            self.closed: list[str] = []
            self.transport = SimpleNamespace(
                close=lambda: self.closed.append("close"),
                abort=lambda: self.closed.append("abort"),
                get_extra_info=lambda _: SimpleNamespace(setsockopt=lambda *_: None),
            )

        async def send(self, message: Any) -> None:
            raise AssertionError(message)

    for reset, way in ((False, "close"), (True, "abort")):
        cycle = Cycle()
        drop_connection(cycle.send, reset=reset)
        assert (cycle.closed, cycle.disconnected) == ([way], True)
