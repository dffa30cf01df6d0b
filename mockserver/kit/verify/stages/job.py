"""One whole job, from submit to the clip: the only stage that has to be paid for."""

from __future__ import annotations

from typing import Any

from mockserver.contract.pointer import follow, parts
from mockserver.kit.examples import example
from mockserver.kit.verify.context import Context, PlannedCall
from mockserver.kit.verify.polling import poll


class JobStage:
    """A job of the ledger that was not seen to its end is taken up again rather than paid anew."""

    name = "job"
    title = "one whole job, from submit to the clip"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """A submit unless one is open, its polls, a list, its files."""
        submit, read = context.operation("submit"), context.operation("read")
        assert submit is not None
        assert read is not None
        path = context.target.path
        polls = max(3, int(context.patience // max(context.interval, 0.001)))
        open_jobs = context.target.budget.ledger.open_jobs
        planned = (
            [PlannedCall(read.id, path(read), f"take up job {open_jobs[0]} again", 1)]
            if open_jobs
            else [PlannedCall(submit.id, path(submit), f"a valid job of {context.models[0]}", 1, "yes")]
        )
        planned.append(
            PlannedCall(read.id, path(read), f"poll every {context.interval:g} s to the end", polls)
        )
        planned += [
            PlannedCall(one.id, path(one), "find it in the list", 1) for one in context.operations("list")
        ]
        if context.target.other_key is not None:
            planned.append(PlannedCall(read.id, path(read), "as another account", 1))
        return [*planned, PlannedCall("files", "the links of the answer", "fetch clip and thumbnail", 2)]

    def run(self, context: Context) -> None:
        """Submit or take up, poll, list, look as somebody else, fetch the files."""
        job = self._begin(context)
        if job is None:
            return
        read = context.target.history.about("read", job)
        assert read is not None
        last = poll(context, read, job)
        for one in context.operations("list"):
            context.target.ask(one)
        if context.target.other_key is not None:
            context.target.about(read, job, key=context.target.other_key)
        for link in dict.fromkeys(last.links if last else ()):
            context.progress("fetching its files")
            context.target.fetch(link)
        cancel = context.target.history.about("cancel", job)
        if cancel is not None:
            context.target.about(cancel, job)

    def _begin(self, context: Context) -> str | None:
        ledger, left = context.target.budget.ledger, context.target.budget.jobs_left
        if ledger.open_jobs and (ledger.resumed or not left):
            before = "an interrupted run" if ledger.resumed else "an earlier stage"
            anew = f"; to have another made, delete {ledger.path}" if ledger.resumed else ""
            context.notes.append(f"job {ledger.open_jobs[0]} of {before} was taken up{anew}")
            return ledger.open_jobs[0]
        if left:
            return self._submit(context)
        return _found_again(context) if ledger.uncertain else self._submit(context)

    def _submit(self, context: Context) -> str | None:
        asked = example(context.contract, context.models[0])
        operation = context.contract.operations[asked.operation]
        call = context.target.ask(operation, body=asked.body, query=asked.query, headers=asked.headers)
        job = next((one.job for one in call.sightings if one.job), None)
        return _found_again(context) if job is None and context.target.budget.ledger.uncertain else job


def _found_again(context: Context) -> str | None:
    """The job of a submit whose answer was lost, by the list, if there is one."""
    job = _in_the_list(context)
    said = f"found as {job}" if job else "not to be found, and nothing more is paid for"
    context.notes.append(f"a submit whose answer was lost may have been accepted: {said}")
    return job


def _in_the_list(context: Context) -> str | None:
    """A job of the list that was asked for as this run asks."""
    wanted = example(context.contract, context.models[0]).body
    for operation in context.operations("list"):
        for one in context.target.ask(operation).sightings:
            if (
                one.job
                and one.echoes
                and all(_same(wanted, at, fact.value) for at, fact in one.echoes.items())
            ):
                return one.job
    return None


def _same(body: Any, at: str, value: Any) -> bool:
    return bool(follow(body, parts(at)) == value)
