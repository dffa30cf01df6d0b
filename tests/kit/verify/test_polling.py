"""Polling a job: until it ends, until nothing usable comes, or until patience ends."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

import pytest

from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.context import Context
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.polling import poll
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.submit_outcome import job_in
from mockserver.kit.verify.target import ServerUnderTest
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.wire import Door, Reply
from tests.kit.miniatures.wire import Request as Asked


class Polled(GoodServer):
    """Answers the reads of a job whose numbers, from 1, `answers` names; to the others it knows no job."""

    answers: Container[int] = range(1000)
    reads = 0

    def respond(self, request: Asked) -> Reply:
        """Count the reads."""
        if request.method == "GET":
            self.reads += 1
            if self.reads not in self.answers:
                return Reply(404, {})
        return super().respond(request)


class Polling(NamedTuple):
    """What polling came to: the last state, its lines without the job's id, its waits, its gaps."""

    last: str | None
    lines: list[str]
    slept: list[float]
    gaps: list[str]


def _polled(server: Polled, *, interval: float, patience: float) -> Polling:
    door = Door(server.respond)
    server.url = door.url
    lines: list[str] = []
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        server.now += round(seconds * 1000)

    budget = Budget(Ledger(None, ""), 100, 1, sleep=sleep, clock=lambda: 0.0)
    target = ServerUnderTest(server.contract, door.url, KEYS[0], budget, prefix=server.base, control=None)
    context = Context(
        target, server.contract, tuple(server.contract.models), SearchOptions(examples=1),
        interval=interval, patience=patience, progress=lines.append,
    )  # fmt: skip
    try:
        read = context.operation("read")
        job = job_in(target.call(server.contract.operations["submitRequest"], body=server.submits()[0]))
        assert read is not None
        assert job is not None
        last = poll(context, read, job)
    finally:
        target.close()
        door.close()
    reasons = [gap.reason.replace(job, "JOB") for gap in context.gaps]
    return Polling(
        None if last is None else last.state, [line.replace(job, "JOB") for line in lines], slept, reasons
    )


def test_it_ends_with_the_job_and_asks_once_more() -> None:
    server = Polled()
    polling = _polled(server, interval=3, patience=100)
    assert polling.last == "success"
    assert polling.lines == [
        "JOB queued after 0.0 s",
        "JOB processing after 3.0 s",
        "JOB processing after 6.0 s",
        "JOB success after 9.0 s",
    ]
    assert polling.slept == [3, 3, 3]
    assert polling.gaps == []
    assert server.reads == 5


@pytest.mark.parametrize(("patience", "reads"), [(0, 1), (3.9, 2), (4, 3), (5.9, 3)])
def test_patience_is_the_time_of_the_last_read(patience: float, reads: int) -> None:
    server = Polled()
    polling = _polled(server, interval=2, patience=patience)
    assert polling.last == ("queued" if reads == 1 else "processing")
    assert polling.gaps == [f"job JOB did not end within {2.0 * reads} s; --patience allows more"]
    assert (server.reads, len(polling.slept)) == (reads, reads)


def test_without_a_pause_it_ends_as_well() -> None:
    server = Polled()
    polling = _polled(server, interval=0, patience=0.0025)
    assert (polling.last, server.reads) == ("queued", 3)


def test_five_reads_in_a_row_that_name_no_job_are_enough() -> None:
    server = Polled()
    server.answers = ()
    polling = _polled(server, interval=1, patience=100)
    assert polling.last is None
    assert polling.lines == [f"JOB 404 after {float(second)} s" for second in range(5)]
    assert len(polling.gaps) == 1
    assert server.reads == 5


def test_a_usable_read_between_them_counts_anew() -> None:
    server = Polled()
    server.answers = (5, 10, 11)
    polling = _polled(server, interval=1, patience=100)
    assert (polling.last, polling.gaps, server.reads) == ("success", [], 11)


def test_what_was_last_read_counts_where_the_end_is_not() -> None:
    server = Polled()
    server.answers = (1, 2)
    polling = _polled(server, interval=1, patience=100)
    assert (polling.last, server.reads, len(polling.gaps)) == ("queued", 7, 1)
