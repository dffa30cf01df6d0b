"""What a stream of the journal sends next, and how often: no socket, and a clock that is moved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mockserver.control import stream
from mockserver.control.stream import EventStream, OutlineStream
from mockserver.engine.journal.exchange import EntryFilter, JournalEntry

LIVE: Any = SimpleNamespace(fault_names={})


class Exchanges:
    """A journal that has exchanges with the numbers 1 to `last`, but those up to `dropped_to`."""

    def __init__(self, last: int, dropped_to: int = 0) -> None:
        self.last = last
        self.dropped_to = self.dropped = dropped_to

    def match(self, wanted: EntryFilter, limit: int, *, first: bool) -> Sequence[JournalEntry]:
        """The first of those that are new."""
        assert first
        return [*map(_entry, range(max(wanted.since, self.dropped_to) + 1, self.last + 1))][:limit]

    def outlines(self, wanted: EntryFilter, limit: int) -> tuple[Sequence[JournalEntry], int]:
        """So many of those that are new, and how many others there are."""
        numbers = range(wanted.since + 1, self.last + 1)
        return [*map(_entry, numbers[:limit])], len(numbers[limit:])


def _entry(number: int) -> JournalEntry:
    return JournalEntry(number, 0, 0, "p", "op", "read", None, None, None, "GET", "http://a", "/a", "", 200)


def _numbers(events: str) -> list[int]:
    return [int(number) for number in re.findall(r"^id: (\d+)$", events, flags=re.MULTILINE)]


def _watch(journal: Exchanges, since: int = 0) -> EventStream:
    return EventStream(cast(Any, journal), EntryFilter(since=since), LIVE, bodies=False)


@pytest.mark.parametrize(
    ("last", "sizes"),
    [(0, [0]), (1, [1, 0]), (99, [99, 0]), (100, [100, 0]), (101, [100, 1]), (250, [100, 100, 50])],
)
def test_a_hundred_exchanges_are_sent_at_a_time_each_once(last: int, sizes: list[int]) -> None:
    watched = _watch(Exchanges(last))
    pages = [_numbers(watched._next_events()) for _ in sizes]

    assert [len(page) for page in pages] == sizes
    assert [number for page in pages for number in page] == [*range(1, last + 1)]


@pytest.mark.parametrize(
    ("since", "dropped_to", "is_said"),
    [(0, 0, False), (3, 3, False), (2, 3, True), (0, 1, True), (-1, 3, False)],
)
def test_it_is_said_that_some_fell_out_if_they_were_wanted(
    since: int, dropped_to: int, is_said: bool
) -> None:
    watched = _watch(Exchanges(5, dropped_to), since)

    assert (
        watched._next_events().startswith(f'event: dropped\ndata: {{"dropped":{dropped_to}}}\n\n') == is_said
    )
    assert "dropped" not in watched._next_events()


def test_a_stream_has_no_length_and_is_kept_nowhere() -> None:
    headers = _watch(Exchanges(0)).headers

    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
    assert "content-length" not in headers


def test_outlines_come_a_hundred_a_second_and_of_the_rest_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [50.0]
    monkeypatch.setattr(stream, "monotonic", lambda: now[0])
    journal = Exchanges(0)
    watched = OutlineStream(cast(Any, journal), EntryFilter(since=0), LIVE)
    sent = []
    # Seconds that pass, and exchanges that come meanwhile.
    for seconds, number in (
        (0, 30),
        (0, 70),
        (0, 5),
        (0.25, 30),
        (10, 150),
        (0.014, 2),
        (0.005, 1),
        (0.002, 1),
        (1, 0),
    ):
        now[0] += seconds
        journal.last += number
        events = watched._next_events()
        skipped = re.match(r'event: skipped\ndata: \{"skipped":(\d+)\}\n\n', events)
        sent.append((len(_numbers(events)), int(skipped[1]) if skipped else 0, watched._pause))

    assert sent == [
        (30, 0, 0.1), (70, 0, 0.1), (0, 5, 0.25), (25, 5, 0.25), (100, 50, 0.25), (1, 1, 0.25), (0, 1, 0.25),
        (1, 0, 0.1), (0, 0, 0.1),
    ]  # fmt: skip
