"""One whole job, from submit to the clip, and one for images: the only stage that cannot be had for free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mockserver.contract.model import Operation
from mockserver.contract.pointer import follow, parts
from mockserver.kit.examples import example, example_of
from mockserver.kit.strategies.submit_requests import SubmitRequest
from mockserver.kit.traffic import answer_templates, facts
from mockserver.kit.verify.context import Context, PlannedCall
from mockserver.kit.verify.polling import poll
from mockserver.kit.verify.stages.listing import model_filters
from mockserver.kit.verify.submit_outcome import answer_of, job_in
from mockserver.terms import ENDED

_LINKS: Final = frozenset({"media.video", "media.image"})
_MOST_IMAGES: Final = 9


class JobStage:
    """A job of the ledger whose end was not seen is taken up again, so that no second one is paid."""

    name = "job"
    title = "one whole job, from submit to the clip"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """A submit unless one is open, its polls, a list, its files."""
        submit, read = context.operation("submit"), context.operation("read")
        assert submit is not None
        assert read is not None
        path = context.target.path
        open_jobs = context.target.budget.ledger.open_jobs
        if open_jobs:
            planned = [PlannedCall(read.id, path(read), f"take up job {open_jobs[0]} again", 1)]
        else:
            planned = [PlannedCall(submit.id, path(submit), f"a valid job of {context.models[0]}", 1, "yes")]
        polls = max(3, int(context.patience // max(context.interval, 0.001)))
        every = f"poll every {context.interval:g} s to the end"
        planned.append(PlannedCall(read.id, path(read), every, polls))
        for operation in context.operations("list"):
            what, calls = "find it in the list, its filters and pages", len(_queries(context, operation))
            planned.append(PlannedCall(operation.id, path(operation), what, calls))
        if context.target.other_key is not None:
            planned.append(PlannedCall(read.id, path(read), "as another account", 1))
        planned.append(PlannedCall("files", "the links of the answer", "fetch clip and thumbnail", 2))
        for operation in context.operations("content"):
            planned.append(PlannedCall(operation.id, path(operation), "the file of the job", 1))
        other = _of_other_kind(context)
        if other is not None:
            what = "a valid job that makes images, its polls and files, or clips where those were first"
            planned.append(PlannedCall(other.operation, other.path, what, polls + _MOST_IMAGES, "yes"))
        return planned

    def run(self, context: Context) -> None:
        """Submit or take up, poll, list, read with another key, fetch the files, cancel; the other kind."""
        job = self._begin(context)
        if job is not None:
            self._judge(context, job)
            self._judge_other_kind(context)

    def _judge(self, context: Context, job: str) -> None:
        read = _telling(context, job)
        last = poll(context, read, job)
        for operation in context.operations("list"):
            for query in _queries(context, operation):
                context.target.call(operation, query=query)
        if context.target.other_key is not None:
            context.target.call_about(read, job, key=context.target.other_key)
        self._judge_files(context, read, job, last)
        cancel = context.target.history.operation_for("cancel", job)
        if cancel is not None:
            context.target.call_about(cancel, job)

    def _judge_files(self, context: Context, read: Operation, job: str, last: facts.Sighting | None) -> None:
        if last is not None:
            self._fetch(context, [*last.links, *self._shown_elsewhere(context, read, job)])
            for operation in context.target.history.operations_for("content", job):
                context.target.call_about(operation, job)
            if last.phase in ENDED and last.phase != "succeeded":
                context.lacks(
                    f"job {job} ended as {last.state or last.phase}, so none of its files was judged"
                )

    def _judge_other_kind(self, context: Context) -> None:
        """A job that makes images, where the first made a clip, or the other way round."""
        request = _of_other_kind(context)
        if request is None:
            return
        if not context.target.budget.jobs_left:
            context.lacks(f"no job of {request.operation} was judged; --max-jobs of 2 or more allows it")
            return
        job = self._submit(context, request)
        if job is not None:
            read = _telling(context, job)
            self._judge_files(context, read, job, poll(context, read, job))

    def _begin(self, context: Context) -> str | None:
        ledger, left = context.target.budget.ledger, context.target.budget.jobs_left
        if ledger.open_jobs and (ledger.resumed or not left):
            return _take_up(context, ledger.open_jobs[0])
        if not left and ledger.uncertain:
            return _recover(context)
        return self._submit(context, example(context.contract, context.models[0]))

    def _submit(self, context: Context, request: SubmitRequest) -> str | None:
        call = context.target.submit(request)
        job = job_in(call)
        if job is None and context.target.budget.ledger.uncertain:
            return _recover(context)
        if job is None:
            context.lacks(f"no submit made a job; {answer_of(call)}")
        return job

    def _shown_elsewhere(self, context: Context, read: Operation, job: str) -> Iterator[str]:
        """The links that other operations show of the job, where the one that was polled has none."""
        if _LINKS & answer_templates.names_of(context.contract, read):
            return
        for operation in context.target.history.operations_for("read", job):
            if operation is not read and _LINKS & answer_templates.names_of(context.contract, operation):
                for sighting in context.target.call_about(operation, job).sightings:
                    yield from sighting.links

    def _fetch(self, context: Context, links: Iterable[str]) -> None:
        for link in dict.fromkeys(links):
            context.progress("fetching its files")
            context.target.fetch(link)


def _of_other_kind(context: Context) -> SubmitRequest | None:
    """A submit that makes images where the usual one makes clips, or clips where that makes images."""
    usual = context.contract.operations[example(context.contract, context.models[0]).operation]
    for operation in context.operations("submit"):
        if operation.makes_images != usual.makes_images and operation.source is None:
            request = example_of(context.contract, operation, context.models)
            if request is not None:
                return request
    return None


def _telling(context: Context, job: str) -> Operation:
    """The operation that tells most of a job's state: the first with a word for it, else the first."""
    reads = context.target.history.operations_for("read", job)
    stated = (each for each in reads if "job.state" in answer_templates.names_of(context.contract, each))
    return next(stated, reads[0])


def _queries(context: Context, operation: Operation) -> list[dict[str, str]]:
    """The whole list, that of each model, and two pages of one job: only a list with a job can be wrong."""
    page = operation.page
    first, place = (1, page.number) if page.number else (0, page.offset)
    pages = [{place: str(at), page.size: "1"} for at in (first, first + 1)] if place and page.size else []
    return [{}, *model_filters(context, operation), *pages]


def _take_up(context: Context, job: str) -> str:
    """Continue with a job of the ledger, and say so in the notes; its id."""
    ledger = context.target.budget.ledger
    if ledger.resumed:
        note = f"job {job} of an interrupted run was taken up; to have another made, delete {ledger.path}"
    else:
        note = f"job {job} of an earlier stage was taken up"
    context.notes.append(note)
    return job


def _recover(context: Context) -> str | None:
    """The job of a submit whose answer was lost, found in the list; None where it is not there."""
    job = _listed_job(context)
    lost = "a submit whose answer was lost may have been accepted"
    if job:
        context.notes.append(f"{lost}: found as {job}")
    else:
        context.lacks(f"{lost}: not to be found, and nothing more is paid for")
    return job


def _listed_job(context: Context) -> str | None:
    """A job of the list whose echoed fields are those of this run's request."""
    body = example(context.contract, context.models[0]).body
    for operation in context.operations("list"):
        for sighting in context.target.call(operation).sightings:
            if sighting.job_id and _echoes(sighting, body):
                return sighting.job_id
    return None


def _echoes(sighting: facts.Sighting, body: Any) -> bool:
    """Whether a listed job repeats fields of the request, and all of them as they were sent."""
    if not sighting.echoes:
        return False
    return all(follow(body, parts(at)) == fact.value for at, fact in sighting.echoes.items())
