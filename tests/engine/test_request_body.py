"""What JSON of a body is read, and what is nested too deep to keep."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mockserver.engine import body_threads
from mockserver.engine.body_threads import IN_THE_LOOP, BodyThreads
from mockserver.engine.message import NoRoomForBody, Request
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_body import _DEEPEST, _MOST_VALUES, inflate_body, read_json
from tests.serving import PATIENCE


@pytest.mark.parametrize(
    ("content", "value"), [(b"7", 7), (b"[]", []), (b"{}", {}), (b'[{"a":[]}]', [{"a": []}])]
)
def test_any_json_is_read(content: bytes, value: object) -> None:
    assert read_json(content) == value


@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_lists_and_objects_count_alike_for_the_depth(opens: bytes, closes: bytes) -> None:
    most = _DEEPEST // len(closes)

    read_json(opens * most + b"1" + closes * most)
    with pytest.raises(Refusal, match="nested deeper"):
        read_json(opens * (most + 1) + b"1" + closes * (most + 1))


@pytest.mark.parametrize("padding", [0, IN_THE_LOOP], ids=["small", "large"])
def test_a_body_may_have_so_many_values_and_no_more_whatever_its_size(padding: int) -> None:
    def body(commas: int) -> bytes:
        return b"[" + b"1," * commas + b"1" + b" " * padding + b"]"

    assert len(read_json(body(_MOST_VALUES - 1))) == _MOST_VALUES
    with pytest.raises(Refusal, match=f"more than {_MOST_VALUES} commas"):
        read_json(body(_MOST_VALUES))


class Incoming:
    """A body that has come; it adds up by how much it grew."""

    def __init__(self) -> None:
        self.grown: list[int] = []

    def grow(self, size: int) -> None:
        """Note it."""
        self.grown.append(size)


@pytest.mark.parametrize("size", [1000, 4 * IN_THE_LOOP])
def test_what_a_body_grows_by_as_it_is_inflated_counts(size: int) -> None:
    packed = gzip.compress(b"[" + b" " * (size - 2) + b"]")
    headers = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
    incoming = Incoming()
    request = Request("POST", "/", "", headers, packed, "", incoming=incoming)  # type: ignore[arg-type]
    asyncio.run(inflate_body(request, 8 * IN_THE_LOOP, BodyThreads()))

    assert len(request.body) == size
    assert incoming.grown == [size - len(packed)]


def test_a_body_without_a_coding_does_not_grow() -> None:
    incoming = Incoming()
    headers = [(b"content-type", b"application/json")]
    request = Request("POST", "/", "", headers, b"[]", "", incoming=incoming)  # type: ignore[arg-type]
    asyncio.run(inflate_body(request, 100, BodyThreads()))

    assert (request.body, incoming.grown) == (b"[]", [])


def test_two_large_bodies_are_read_at_the_same_time() -> None:
    both = threading.Barrier(2)

    def meet(_: object) -> None:
        both.wait(PATIENCE)

    async def read() -> None:
        threads = BodyThreads()
        await asyncio.gather(threads.run(meet, None), threads.run(meet, None))

    asyncio.run(read())


def test_a_body_whose_turn_does_not_come_is_to_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []

    @asynccontextmanager
    async def passed(seconds: float) -> AsyncIterator[None]:
        limits.append(seconds)
        yield
        raise TimeoutError

    monkeypatch.setattr(body_threads, "time_limit", passed)
    with pytest.raises(NoRoomForBody, match="could not be read in 30 s, as other large ones came before it"):
        asyncio.run(BodyThreads().run(lambda _: None, None))
    assert limits == [30]
