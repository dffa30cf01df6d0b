"""The callbacks of one job, where the contract has callbacks."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Final

from mockserver.contract.model import Operation
from mockserver.contract.pointer import put
from mockserver.kit.examples import example_of
from mockserver.kit.strategies.submit_requests import SubmitRequest, reaches
from mockserver.kit.verify.address import is_loopback
from mockserver.kit.verify.callback_receiver import CallbackReceiver
from mockserver.kit.verify.context import Context, NotApplicable, PlannedCall, StageSkipped
from mockserver.kit.verify.polling import poll
from mockserver.kit.verify.submit_outcome import answer_of, job_in

_QUIET: Final = 3.0
"""Seconds without a further callback after which the stage ends."""


_NO_CALLBACKS: Final = "the contract has no callbacks for a submit of these models"


class CallbackStage:
    """One more job, with a callback URL on this machine, which no remote server could reach."""

    name = "callbacks"
    title = "the callbacks of one job"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """A submit and its polls. Raises StageSkipped where there are no callbacks, or none can arrive."""
        operation = _operation(context)
        if operation is None:
            raise NotApplicable(_NO_CALLBACKS)
        if not is_loopback(context.target.url):
            raise StageSkipped("a server that is not on this machine cannot call it back")
        if context.target.budget.jobs_left < 1:
            raise StageSkipped("no job is left to submit")
        path = context.target.path(operation)
        return [PlannedCall(operation.id, path, "a valid job with a callback URL, and its polls", 1, "yes")]

    def run(self, context: Context) -> None:
        """Submit, poll to the end, and judge the callbacks that came until shortly after."""
        operation, target = _operation(context), context.target
        assert operation is not None
        with CallbackReceiver() as receiver:
            request = example_of(context.contract, operation, context.models)
            if request is None:
                context.lacks(f"{operation.id} has no example for {' or '.join(context.models)}")
                return
            call = target.submit(_with_callback_url(request, operation, receiver.url))
            job = job_in(call)
            if job is None:
                context.lacks(f"no submit made a job; {answer_of(call)}")
                return
            read = target.history.operation_for("read", job)
            if read is None:
                context.lacks(f"no operation reads job {job}")
                return
            poll(context, read, job)
            for exchange in receiver.receive(_QUIET):
                target.add_callback(exchange)
                history = target.history.jobs.get(job)
                if history is not None and history.end_reported:
                    break
        target.history.callbacks_complete, target.history.receiver = True, receiver.url
        target.conclude()


def _operation(context: Context) -> Operation | None:
    """The first submit with callbacks that takes one of the run's models."""
    for operation in context.operations("submit"):
        takes_one = any(reaches(context.contract, operation, model) for model in context.models)
        if operation.callback is not None and takes_one:
            return operation
    return None


def _with_callback_url(request: SubmitRequest, operation: Operation, url: str) -> SubmitRequest:
    """The request with the callback URL at the contract's place for it."""
    if operation.callback_place is not None:
        place, name = operation.callback_place
        if place == "query":
            return replace(request, query={**request.query, name: url})
        return replace(request, headers={**request.headers, name: url})
    assert operation.callback_at is not None
    body = deepcopy(request.body)
    put(body, operation.callback_at, url)
    return replace(request, body=body)
