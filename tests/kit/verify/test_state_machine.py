"""The state machine: what it finds, how short it says it, and that it spends no more than it may."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from mockserver.kit.traffic.call import Call
from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.state_machine import MinimalExample, SearchOptions, explore, histories
from mockserver.kit.verify.target import ServerUnderTest
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.wire import Reply, Request

EFFORT = SearchOptions(examples=40, steps=12)


class Open(GoodServer):
    """An honest server for whoever asks; `taken` are the submits that came, good or not."""

    def __init__(self) -> None:
        super().__init__()
        self.now = int(time.time()) * 1000
        self.taken = 0

    def authorise(self, request: Request) -> str:
        """Every key is somebody's."""
        return request.headers["authorization"].partition(" ")[2]

    def fault(self, body: Mapping[str, Any]) -> str:
        """Whatever the contract says against it."""
        self.taken += 1
        submit = next(one for one in self.contract.operations.values() if one.role == "submit")
        assert submit.body is not None
        return "" if submit.body.is_valid(body) else "against the documents"


class Muddled(Open):
    """Shows a job wrongly when it is read after its caller has listed it, and not before."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: set[str] = set()

    def listing(self, owner: str, request: Request) -> Reply:
        """The jobs, which are muddled from now on."""
        self.shown |= {job.id for job in self.owned(owner)}
        return super().listing(owner, request)

    def read(self, owner: str, name: str) -> Reply:
        """A word in place of a boolean."""
        reply = super().read(owner, name)
        return (
            Reply(200, {**reply.body, "is_public": "no"})
            if name in self.shown and reply.status == 200
            else reply
        )


@contextmanager
def aimed(
    server: GoodServer, *, requests: int = 100_000, jobs: int = 100_000, other_key: str | None = None
) -> Iterator[ServerUnderTest]:
    """A target at a server, with what may be spent on it."""
    with server:
        budget = Budget(Ledger(None, "a test"), requests, jobs)
        contract = server.contract
        prefix = contract.prefixes[0]
        target = ServerUnderTest(
            contract, server.url, "key-of-nobody", budget, prefix=prefix, other_key=other_key
        )
        try:
            yield target
        finally:
            target.close()


def keys() -> Callable[[], str]:
    """A new key at every call."""
    numbers = count(1)
    return lambda: f"key-{next(numbers)}"


def found(server: GoodServer, effort: SearchOptions) -> list[MinimalExample]:
    """What an exploration without limits finds."""
    with aimed(server) as target:
        return explore(target, effort, keys())


def kinds(steps: tuple[str, ...]) -> list[str]:
    """The steps without the ids of jobs, which differ from history to history."""
    return [" ".join(word for word in step.split() if word.count("-") < 4) for step in steps]


def test_an_honest_server_gives_no_finding_whatever_is_done() -> None:
    done: set[tuple[str, bool, int]] = set()
    with aimed(Open(), other_key="key-of-another") as target:

        def note(call: Call, _: object) -> None:
            of_another = "key-of-another" in str(call.exchange.request_headers)
            role = call.operation.role if call.operation is not None else ""
            done.add((role, of_another, call.exchange.status))

        target.on_call = note
        assert explore(target, EFFORT, keys()) == []
    assert done == {
        ("submit", False, 200),
        ("submit", False, 400),
        ("read", False, 200),
        ("read", False, 404),
        ("read", True, 404),
        ("list", False, 200),
    }


def test_what_only_a_sequence_shows_is_found_and_shrunk_to_the_shortest() -> None:
    (shortest,) = found(Muddled(), EFFORT)
    assert (shortest.finding.check, shortest.finding.pointer) == ("schema.answer", "/is_public")
    assert kinds(shortest.steps) == [
        "submit Kling-Image2Video-V1.6-Pro -> 200 queued",
        "list -> 200 ?, queued",
        "read -> 200 queued",
    ]
    assert list(histories([shortest])) == [(shortest.finding.fingerprint, shortest.steps)]


def test_without_shrinking_the_history_is_told_as_it_was() -> None:
    (shortest,) = found(Muddled(), SearchOptions(EFFORT.examples, EFFORT.steps, shrink=False))
    assert {"list", "read"} <= {step.split()[0] for step in shortest.steps}


@pytest.mark.parametrize("seed", [0, 7])
def test_one_seed_asks_the_same_in_every_run(seed: int) -> None:
    runs = []
    for _ in range(2):
        with aimed(Open()) as target:
            asked: list[tuple[str, str, bytes]] = []
            target.on_call = lambda call, findings, asked=asked: asked.append(  # type: ignore[misc]
                (call.exchange.method, call.exchange.url.removeprefix(target.url), call.exchange.request_body)
            )
            explore(target, SearchOptions(10, 8, seed), keys())
        runs.append(asked)
    assert runs[0] == runs[1]


def test_without_a_job_to_spend_it_submits_nothing() -> None:
    server = Open()
    with aimed(server, jobs=0) as target:
        assert explore(target, SearchOptions(10, 8), keys()) == []
        assert target.budget.requests > 0
    assert server.taken == 0


@pytest.mark.parametrize("requests", [0, 1, 25])
def test_it_ends_where_the_requests_are_spent(requests: int) -> None:
    with aimed(Open(), requests=requests) as target:
        assert explore(target, EFFORT, keys()) == []
        assert target.budget.requests == requests


def test_it_ends_where_the_jobs_are_spent() -> None:
    server = Open()
    with aimed(server, jobs=3) as target:
        assert explore(target, EFFORT, keys()) == []
    assert len(server.jobs) == 3
