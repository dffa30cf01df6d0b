"""What a callback URL is told of one job, where the contract has callbacks."""

from __future__ import annotations

from typing import Any, Final

from mockserver.contract.model import Operation
from mockserver.kit.examples import example
from mockserver.kit.verify.address import is_loopback
from mockserver.kit.verify.callback_receiver import CallbackReceiver
from mockserver.kit.verify.context import Context, PlannedCall, StageSkipped
from mockserver.kit.verify.polling import poll

_QUIET: Final = 3.0
"""Seconds without a further callback after which no more are waited for."""


class CallbackStage:
    """One more job, with a URL of this machine: a server far away could not reach it."""

    name = "callbacks"
    title = "what a callback URL is told of one job"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """A submit and its polls. Raises LeftOut where there are no callbacks, or they cannot come."""
        operation = _operation(context)
        if operation is None:
            raise StageSkipped("the contract has no callbacks")
        if not is_loopback(context.target.url):
            raise StageSkipped("a server that is not on this machine cannot call it back")
        if context.target.budget.jobs_left < 1:
            raise StageSkipped("no job is left to submit")
        path = context.target.path(operation)
        return [PlannedCall(operation.id, path, "a valid job with a callback URL, and its polls", 1, "yes")]

    def run(self, context: Context) -> None:
        """Submit, poll to the end, and hear what is told meanwhile and a little after."""
        operation, target = _operation(context), context.target
        assert operation is not None
        with CallbackReceiver() as listener:
            asked = example(context.contract, context.models[0])
            call = target.ask(operation, body=_with(asked.body, operation, listener.url))
            job = next((one.job for one in call.sightings if one.job), None)
            read = target.history.about("read", job) if job else None
            if job is None or read is None:
                return
            poll(context, read, job)
            for exchange in listener.heard(_QUIET):
                target.hear(exchange)
                if target.history.jobs[job].told_of_its_end:
                    break
        target.history.heard_out = True
        target.conclude()


def _operation(context: Context) -> Operation | None:
    found = context.operations("submit")
    return next((one for one in found if one.callback is not None and one.callback_at), None)


def _with(body: dict[str, Any], operation: Operation, url: str) -> dict[str, Any]:
    """The body with the callback URL where the contract has it."""
    *path, last = operation.callback_at or ()
    whole = {**body}
    inner = whole
    for name in path:
        inner[name] = {**inner.get(name, {})}
        inner = inner[name]
    inner[last] = url
    return whole
