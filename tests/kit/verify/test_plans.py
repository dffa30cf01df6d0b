"""A plan says what a stage asks: of the free stages each call, of the others what is paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.context import Context, Stage
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.stages.access import AccessStage
from mockserver.kit.verify.stages.cancel import CancelStage
from mockserver.kit.verify.stages.job import JobStage
from mockserver.kit.verify.stages.listing import ListingStage
from mockserver.kit.verify.stages.refusals import RefusalStage
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.target import ServerUnderTest
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.cancelling import Cancelling
from tests.kit.miniatures.wire import Door

SERVERS = (GoodServer, Cancelling)


@contextmanager
def _context(kind: type[GoodServer], *, interval: float = 2.0, patience: float = 600.0) -> Iterator[Context]:
    server = kind()
    door = Door(server.respond)
    server.url = door.url
    budget = Budget(Ledger(None, ""), max_requests=1000, max_jobs=1000, sleep=lambda seconds: None)
    target = ServerUnderTest(server.contract, door.url, KEYS[0], budget, prefix=server.base, control=None)
    models, search = tuple(server.contract.models), SearchOptions(examples=1)
    try:
        yield Context(target, server.contract, models, search, interval=interval, patience=patience)
    finally:
        target.close()
        door.close()


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize(
    "stage", [AccessStage(), ListingStage(), RefusalStage()], ids=lambda stage: stage.name
)
def test_a_free_stage_makes_the_calls_that_it_plans(stage: Stage, kind: type[GoodServer]) -> None:
    with _context(kind) as context:
        planned: Counter[str] = Counter()
        may_be_paid = 0
        for call in stage.plan(context):
            planned[call.operation] += call.calls
            may_be_paid += call.calls * (call.billable != "no")
        assert context.target.budget.requests == 0
        stage.run(context)
        made: Counter[str] = Counter()
        for row in context.target.account.rows():
            made[row.operation] += row.calls
        assert made == planned
        assert context.target.budget.requests == planned.total()
        assert context.target.budget.ledger.paid <= may_be_paid


@pytest.mark.parametrize("kind", SERVERS)
def test_only_what_makes_a_job_is_paid(kind: type[GoodServer]) -> None:
    with _context(kind) as context:
        submits = {operation.id for operation in context.operations("submit")}
        for stage, word in (
            (AccessStage(), "if accepted"),
            (RefusalStage(), "if accepted"),
            (JobStage(), "yes"),
        ):
            for call in stage.plan(context):
                assert call.billable == (word if call.operation in submits else "no")


@pytest.mark.parametrize(
    ("interval", "patience", "polls"), [(2.0, 600.0, 300), (0.0, 0.01, 10), (5.0, 1.0, 3)]
)
def test_a_job_is_polled_as_often_as_patience_allows(interval: float, patience: float, polls: int) -> None:
    with _context(GoodServer, interval=interval, patience=patience) as context:
        calls = {call.what: call.calls for call in JobStage().plan(context)}
        assert calls[f"poll every {interval:g} s to the end"] == polls
        assert calls["fetch clip and thumbnail"] == 2
        assert calls[f"a valid job of {context.models[0]}"] == 1


def test_an_open_job_is_taken_up_and_not_paid_again() -> None:
    with _context(GoodServer) as context:
        ledger = context.target.budget.ledger
        ledger.settle(ledger.intend(), "accepted", "job-1")
        first, *others = JobStage().plan(context)
        assert (first.what, first.calls, first.billable) == ("take up job job-1 again", 1, "no")
        assert all(call.billable == "no" for call in others)


def test_a_cancel_is_one_paid_job() -> None:
    with _context(Cancelling) as context:
        planned = CancelStage().plan(context)
        assert [(call.calls, call.billable) for call in planned] == [(1, "yes"), (3, "no")]
