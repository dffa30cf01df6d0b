"""Which answers are remembered, how many of them, and when one of them still holds."""

from __future__ import annotations

from math import inf
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mockserver.engine import repeats
from mockserver.engine.answering import _comes_again
from mockserver.engine.message import Response
from mockserver.engine.repeats import Repeat, Repeats

ENTRY: Any = "entry"
REPEAT = Repeat("ann", "p", "read", 1000, 2000, False, 3, None, ENTRY)


class Bench:
    """Remembered answers over a store and settings that are as a test says."""

    def __init__(self) -> None:
        self.store: Any = SimpleNamespace(revisions=3, additions=7)
        self.live: Any = SimpleNamespace(
            has_rules=False, has_quotas=False, notices_change=self._notices, now=self._now
        )
        self.at_once: list[bool] = []
        self.changed = False
        self.noted: list[Any] = []
        journal: Any = SimpleNamespace(repeat=lambda *entry: self.noted.append(entry))
        usage: Any = SimpleNamespace(count=lambda *call: self.noted.append(call))
        self.moment = 1500
        self.repeats = Repeats(cast(Any, self.store), cast(Any, self.live), journal, usage)

    def _notices(self, *, at_once: bool) -> bool:
        self.at_once.append(at_once)
        return self.changed

    def _now(self, tenant: str) -> int:
        assert tenant == "ann"
        return self.moment

    def put(self, request: bytes, size: int = 1, repeat: object = REPEAT) -> Response:
        """Remember an answer of so many bytes."""
        response = Response(200, [], bytes(size))
        response.repeat = repeat
        self.repeats.put(request, response)
        return response

    def known(self, *requests: bytes) -> list[bytes]:
        """Those of the requests whose answer is remembered."""
        return [request for request in requests if self.repeats.recall(request)]


def test_an_answer_that_holds_is_given_again_and_noted() -> None:
    bench = Bench()
    response = bench.put(b"a")

    assert bench.repeats.recall(b"a") is response
    assert bench.repeats.recall(b"b") is None
    assert bench.noted == [("ann", "p", "read"), ("entry", 1500)]


@pytest.mark.parametrize(("ended", "at_once"), [(False, True), (True, False)])
def test_the_store_is_asked_at_once_unless_nothing_can_change_the_answer(ended: bool, at_once: bool) -> None:
    bench = Bench()
    bench.put(b"a", repeat=REPEAT._replace(ended=ended))

    assert bench.known(b"a") == [b"a"]
    assert bench.at_once == [at_once]
    bench.changed = True
    assert bench.known(b"a") == []


@pytest.mark.parametrize(
    ("moment", "until", "holds"),
    [(999, 2000, False), (1000, 2000, True), (1999, 2000, True), (2000, 2000, False), (10**15, inf, True)],
)
def test_it_holds_from_one_moment_until_another(moment: int, until: float, holds: bool) -> None:
    bench = Bench()
    bench.put(b"a", repeat=REPEAT._replace(until=until))
    bench.moment = moment

    assert bool(bench.known(b"a")) == holds
    assert bool(bench.noted) == holds


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        ("live", "has_rules", True),
        ("live", "has_quotas", True),
        ("store", "revisions", 4),
        ("store", "additions", 8),
    ],
)
def test_it_does_not_hold_when_something_else_decides(where: str, name: str, value: Any) -> None:
    bench = Bench()
    bench.put(b"a", repeat=REPEAT._replace(additions=7))
    assert bench.known(b"a") == [b"a"]
    setattr(getattr(bench, where), name, value)

    assert bench.known(b"a") == []


def test_a_new_job_changes_nothing_of_the_read_of_another() -> None:
    bench = Bench()
    bench.put(b"a")
    bench.store.additions = 8

    assert bench.known(b"a") == [b"a"]


@pytest.mark.parametrize(
    ("length", "size", "repeat", "is_remembered"),
    [
        (2048, 65_536, REPEAT, True),
        (2049, 1, REPEAT, False),
        (1, 65_537, REPEAT, False),
        (1, 1, None, False),
    ],
)
def test_only_short_requests_and_answers_are_remembered(
    length: int, size: int, repeat: object, is_remembered: bool
) -> None:
    bench, request = Bench(), b"a" * length
    bench.put(request, size, repeat)

    assert bool(bench.known(request)) == is_remembered


def test_the_answers_that_were_first_remembered_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_MOST", 3)
    monkeypatch.setattr(repeats, "_MOST_BYTES", 100)
    bench, every = Bench(), (b"a", b"b", b"c", b"d")
    for request in every:
        bench.put(request, 10)
    assert bench.known(*every) == [b"b", b"c", b"d"]
    # The same request again takes no other's place.
    bench.put(b"c", 70)
    assert bench.known(*every) == [b"b", b"c", b"d"]
    bench.put(b"c", 80)
    assert bench.known(*every) == [b"b", b"c", b"d"]
    bench.put(b"c", 81)
    assert bench.known(*every) == [b"c", b"d"]
    bench.repeats.forget()
    assert bench.known(*every) == []
    for request in every[:2]:
        bench.put(request, 50)
    assert bench.known(*every) == [b"a", b"b"]


@pytest.mark.parametrize(("size", "again"), [(0, True), (1, True), (2048, True), (2049, False)])
def test_a_short_body_that_was_refused_before_comes_again(size: int, again: bool) -> None:
    head = SimpleNamespace(refused=b"another")

    def comes_again(body: bytes | bytearray) -> bool:
        return _comes_again(cast(Any, SimpleNamespace(head=head, body=body)))

    assert [comes_again(bytearray(size)) for _ in range(3)] == [False, again, again]
    assert [comes_again(body) for body in (b"other", b"other", bytes(size))] == [False, True, False]


def test_a_request_whose_head_is_not_known_does_not_come_again() -> None:
    assert not any(_comes_again(cast(Any, SimpleNamespace(head=None, body=b""))) for _ in range(2))
