"""The callbacks of one job, where the contract has callbacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockserver.contract.model import Operation
from mockserver.kit.examples import example
from mockserver.kit.strategies.submit_requests import SubmitRequest
from mockserver.kit.verify.address import is_loopback
from mockserver.kit.verify.callback_receiver import CallbackReceiver
from mockserver.kit.verify.context import Context, NotApplicable, PlannedCall, StageSkipped
from mockserver.kit.verify.polling import poll
from mockserver.kit.verify.submit_outcome import answer_of, job_in

_QUIET: Final = 3.0
"""Seconds without a further callback after which the stage ends."""


class CallbackStage:
    """One more job, with a callback URL on this machine, which no remote server could reach."""

    name = "callbacks"
    title = "the callbacks of one job"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """A submit and its polls. Raises StageSkipped where there are no callbacks, or none can arrive."""
        operation = _operation(context)
        if operation is None:
            raise NotApplicable("the contract has no callbacks")
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
            request = example(context.contract, context.models[0])
            sent = _with_callback_url(request, operation, receiver.url)
            call = target.call(operation, body=sent.body, query=sent.query, headers=sent.headers)
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
    for operation in context.operations("submit"):
        if operation.callback is not None:
            return operation
    return None


def _with_callback_url(request: SubmitRequest, operation: Operation, url: str) -> SubmitRequest:
    """The request with the callback URL at the contract's place for it."""
    if operation.callback_place is not None:
        place, name = operation.callback_place
        if place == "query":
            return replace(request, query={**request.query, name: url})
        return replace(request, headers={**request.headers, name: url})
    *path, last = operation.callback_at or ()
    whole = {**request.body}
    inner = whole
    for name in path:
        inner[name] = {**inner.get(name, {})}
        inner = inner[name]
    inner[last] = url
    return replace(request, body=whole)
