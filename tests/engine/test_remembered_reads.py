"""How many answers to reads are remembered, and for how long each holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mockserver.engine import repeats
from mockserver.engine.message import Response
from mockserver.engine.repeats import Repeat, Repeats
from tests.engine.test_lifecycle import GMI, SUBMITS
from tests.serving import Running

Serve = Callable[..., Running]


class Remembered:
    """What a server remembers, and an answer that it may give again."""

    def __init__(self, server: Running) -> None:
        with server.client() as client:
            job = client.post(GMI, json=SUBMITS["gmicloud"][1]).json()["request_id"]
            for _ in range(3):
                client.get(f"{GMI}/{job}")
        self.repeats: Repeats = server.app.pipeline.repeats
        self.repeat, self.response = next(iter(self.repeats._responses.values()))
        self.now = server.app.services.live_settings.now(self.repeat.tenant)
        self.repeats.forget()

    def put(self, request: bytes, body: bytes = b"{}", **changes: Any) -> None:
        self.repeats.put(request, replace(self.response, body=body, repeat=self.repeat._replace(**changes)))

    def known(self, *requests: bytes) -> list[bool]:
        return [self.repeats.recall(request) is not None for request in requests]


@pytest.fixture
def remembered(running: Serve) -> Remembered:
    return Remembered(running())


def test_the_first_gives_way_where_there_are_too_many(
    remembered: Remembered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_MOST", 2)
    for request in (b"a", b"b"):
        remembered.put(request)
    assert remembered.known(b"a", b"b") == [True, True]
    remembered.put(b"c")
    assert remembered.known(b"a", b"b", b"c") == [False, True, True]


def test_so_many_bytes_of_answers_are_remembered(
    remembered: Remembered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_MOST_BYTES", 10)
    remembered.put(b"a", bytes(4))
    remembered.put(b"b", bytes(6))
    assert remembered.known(b"a", b"b") == [True, True]
    # One that is given anew counts once.
    remembered.put(b"b", bytes(6))
    assert remembered.known(b"a", b"b") == [True, True]
    remembered.put(b"c", bytes(1))
    assert remembered.known(b"a", b"b", b"c") == [False, True, True]
    remembered.put(b"d", bytes(3))
    assert remembered.known(b"b", b"c", b"d") == [True, True, True]
    remembered.repeats.forget()
    assert remembered.known(b"b", b"c", b"d") == [False, False, False]
    for request, size in ((b"a", 4), (b"b", 6)):
        remembered.put(request, bytes(size))
    assert remembered.known(b"a", b"b") == [True, True]


def test_a_long_request_and_a_large_answer_are_not_remembered(
    remembered: Remembered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "_LONGEST", 3)
    monkeypatch.setattr(repeats, "_LARGEST", 4)
    remembered.put(b"abc", bytes(4))
    remembered.put(b"abcd", bytes(4))
    remembered.put(b"abe", bytes(5))
    remembered.repeats.put(b"no", Response(200))
    assert remembered.known(b"abc", b"abcd", b"abe", b"no") == [True, False, False, False]


def test_it_holds_from_its_moment_until_before_its_end(remembered: Remembered) -> None:
    now = remembered.now
    remembered.put(b"begins", since=now, until=now + 1)
    remembered.put(b"later", since=now + 1, until=now + 2)
    remembered.put(b"over", since=now - 1, until=now)
    assert remembered.known(b"begins", b"later", b"over") == [True, False, False]


@pytest.mark.parametrize(
    ("revisions", "additions", "holds"),
    [(0, None, True), (0, 0, True), (1, None, False), (-1, None, False), (0, 1, False), (0, -1, False)],
)
def test_it_holds_while_the_store_is_as_it_was(
    running: Serve, revisions: int, additions: int | None, holds: bool
) -> None:
    server = running()
    remembered = Remembered(server)
    store = server.store
    remembered.put(
        b"a",
        revisions=store.revisions + revisions,
        additions=None if additions is None else int(store.additions or 0) + additions,
    )
    assert remembered.known(b"a") == [holds]


def test_each_that_is_given_again_is_noted_and_counted(running: Serve) -> None:
    server = running()
    remembered = Remembered(server)
    remembered.put(b"a")
    before = server.app.services.journal.last
    assert remembered.known(b"a", b"b", b"a") == [True, False, True]
    assert server.app.services.journal.last == before + 2
    assert isinstance(remembered.repeat, Repeat)
