"""The cancel of a job that has not ended yet, where the contract has cancels."""

from __future__ import annotations

from typing import Final

from mockserver.contract.names import PHASES
from mockserver.kit.examples import example
from mockserver.kit.traffic.answer_templates import names_of
from mockserver.kit.verify.context import Context, NotApplicable, PlannedCall, StageSkipped
from mockserver.kit.verify.polling import poll
from mockserver.kit.verify.submit_outcome import answer_of, job_in

_READS: Final = 5
"""Reads of a job whose answers have no word for its state."""


class CancelStage:
    """One more job, cancelled as soon as it is there. The job of the stage before has ended, and histories
    in any order cancel a running job by chance alone."""

    name = "cancel"
    title = "one job, cancelled before it ends"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """A submit, its cancel and reads. Raises StageSkipped where nothing can be cancelled."""
        submit, cancel = context.operation("submit"), context.operation("cancel")
        if cancel is None:
            raise NotApplicable("the contract has no cancel")
        if context.target.budget.jobs_left < 1:
            raise StageSkipped("no job is left to submit and cancel")
        assert submit is not None
        path = context.target.path
        return [
            PlannedCall(submit.id, path(submit), f"a valid job of {context.models[0]}", 1, "yes"),
            PlannedCall(cancel.id, path(cancel), "cancel it at once, and read it to its end", 3),
        ]

    def run(self, context: Context) -> None:
        """Submit, cancel, and read until the job has ended."""
        target = context.target
        call = target.submit(example(context.contract, context.models[0]))
        job = job_in(call)
        if job is None:
            context.lacks(f"no submit made a job; {answer_of(call)}")
            return
        cancel, read = (target.history.operation_for(role, job) for role in ("cancel", "read"))
        if cancel is None or read is None:
            context.lacks(f"no operation cancels and reads job {job}")
            return
        answer = target.call_about(cancel, job)
        if not answer.succeeded:
            context.lacks(f"the cancel of job {job} was refused; {answer_of(answer)}")
        if "job.state" in names_of(context.contract, read) or PHASES & read.answers.keys():
            poll(context, read, job)
            return
        # No word says that such a job has ended; one that went on shows a clip some time later.
        for _ in range(_READS):
            target.call_about(read, job)
            context.pause()
