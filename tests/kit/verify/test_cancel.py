"""The stage that cancels a job: who keeps to the contract passes, whatever the contract; others are found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.contract.lifecycle import StateWord
from mockserver.contract.model import Contract
from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.verify.verify import Progress, VerifyOptions, plan, verify
from tests.kit.miniatures.base import KEYS, GoodServer, Job
from tests.kit.miniatures.cancelling import Cancelling
from tests.kit.miniatures.wire import Reply


def judged(server: GoodServer, **more: Any) -> Run:
    """A run of the stage; each wait of it moves the server's clock."""
    with server:
        options = VerifyOptions(
            server.url, server.contract, KEYS[0], stages=["cancel"], interval=1.0, patience=30.0, **more
        )
        return verify(options, Progress(sleep=lambda seconds: server.advance(int(seconds * 1000))))[0]


def test_a_server_that_cancels_passes() -> None:
    server = Cancelling()
    run = judged(server)
    assert (run.findings, run.not_judged, run.jobs) == ((), (), 1)
    assert server.cancelled.keys() == server.jobs.keys()


class Deaf(Cancelling):
    """Accepts a cancel and goes on."""

    def stop(self, job: Job) -> None:
        """Forget it."""


class Dropping(Cancelling):
    """Forgets a job that is cancelled."""

    def stop(self, job: Job) -> None:
        """Away with it, after the answer."""
        super().stop(job)
        job.owner = "nobody"


@pytest.mark.parametrize(("kind", "check"), [(Deaf, "lifecycle.cancelled"), (Dropping, "status.found")])
def test_a_server_that_does_not_is_found(kind: type[Cancelling], check: str) -> None:
    assert {finding.check for finding in judged(kind()).findings} == {check}


class Slow(Cancelling):
    """Is `cancelling` for a while, as its contract says."""

    @property
    def contract(self) -> Contract:
        """With that state between."""
        known = super().contract
        states = {
            name: replace_next(state, "cancelling") if state.phase in ("waiting", "running") else state
            for name, state in known.states.items()
        }
        passing = states["processing"]._replace(word="cancelling", next=("cancelled", "failed"))
        return replace(known, states={**states, "cancelling": passing})

    def entered(self, job: Job, now: int) -> Any:
        """Through that state to the end."""
        stopped = self.cancelled.get(job.id)
        if stopped is None or stopped > now:
            return super().entered(job, now)
        states = [*super().entered(job, stopped - 1), ("cancelling", stopped)]
        return states if now < stopped + 3000 else [*states, ("cancelled", stopped + 3000)]


def replace_next(state: StateWord, word: str) -> StateWord:
    """The state, which another may follow."""
    return state._replace(next=(*state.next, word))


def test_a_documented_state_between_is_no_failure() -> None:
    assert {finding.check for finding in judged(Slow()).findings} <= {"schema.answer"}


class Refusing(Cancelling):
    """Cancels nothing that was begun."""

    def cancel(self, owner: str, name: str) -> Reply:
        """It is too late for that."""
        return Reply(409, {"error": "it has begun"})


def test_a_documented_refusal_is_no_failure_and_no_verdict() -> None:
    run = judged(Refusing())
    assert (run.findings, run.exit_code) == ((), INCOMPLETE)
    assert run.not_judged[0].endswith("was refused; the answer was 409")


def test_without_a_cancel_there_is_nothing_to_judge_and_without_a_job_it_is_not_judged() -> None:
    run = judged(GoodServer())
    assert [stage.left_out for stage in run.stages] == ["the contract has no cancel"]
    spent = judged(Cancelling(), max_jobs=0)
    assert spent.exit_code == INCOMPLETE
    assert spent.not_judged[0].endswith("no job is left to submit and cancel")


def test_the_plan_names_what_is_paid() -> None:
    options = VerifyOptions("http://127.0.0.1:1", Cancelling().contract, KEYS[0], stages=["cancel"])
    (stage,) = plan(options)
    assert [call.billable for call in stage.calls] == ["yes", "no"]
