"""Checks of a job that comes from elsewhere: whether this server can answer everything about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.formats import PictureHeader
from mockserver.contract.model import Contract, Operation
from mockserver.engine.clip import video_spec
from mockserver.engine.message import Request
from mockserver.engine.request_context import RequestContext
from mockserver.engine.view import JobView
from mockserver.jobs.job import Job, Plan, State
from mockserver.terms import MAKERS

_SHOWING: Final = frozenset({"read", "list"})
_MOST_WORDS: Final = 50
"""States of a job whose answers are tried: more than any contract has."""
_ODD: Final = (TypeError, ValueError, OverflowError, KeyError, AttributeError, RecursionError)


def check_job(contracts: Mapping[str, Contract], job: Job) -> None:
    """Refuse a job that this server could not show in one of its states. Raises ValueError that says why.

    Of a provider that this server does not have, any job will do: nothing here shows it.
    """
    contract = contracts.get(job.provider)
    if contract is None:
        return
    operation = contract.operations.get(job.operation)
    if operation is None or operation.role not in MAKERS:
        raise ValueError(f"operation: {job.operation[:60]!a} submits no jobs at {job.provider}")
    try:
        for state in _states(job):
            for shows, answer in _answers(contract, job, state):
                _check_answer(contract, shows, answer, job, state)
        video_spec(contract, job, _no_picture)
    except _ODD as error:
        raise ValueError(f"it cannot be shown: {error}") from error


def _states(job: Job) -> Iterator[State]:
    """Each state that the job can come into, at the moment of its submission."""
    plans: list[Plan] = [job.plan, *(fact.plan for fact in job.facts if fact.plan is not None)]
    states = {(step.state, step.phase): plan.reason for plan in plans for step in plan.steps}
    for fact in job.facts:
        if fact.state is not None and fact.phase is not None:
            states[fact.state, fact.phase] = fact.reason
    for (word, phase), reason in [*states.items()][:_MOST_WORDS]:
        yield State(word, phase, job.created_at, reason)


def _answers(contract: Contract, job: Job, state: State) -> Iterator[tuple[Operation, AnswerTemplate]]:
    for operation in contract.operations.values():
        finds = operation.of is None or job.operation in operation.of
        if finds and operation.role in _SHOWING and "default" in operation.answers:
            yield operation, operation.answer("default", state.phase)


def _check_answer(
    contract: Contract, operation: Operation, answer: AnswerTemplate, job: Job, state: State
) -> None:
    request = Request(operation.method, operation.path, "", (), b"", "http://localhost")
    context = RequestContext(contract, operation, request, job.created_at, Random(0), job.tenant)  # noqa: S311
    context.job, context.state, context.jobs, context.jobs_count = job, state, ((job, state),), 1
    body = answer.render(JobView(context, job, state))
    if answer.schema is None or job.plan.quirks or answer.schema.is_valid(body):
        return
    text = answer.schema.explain(body)[0].text()
    raise ValueError(
        f"the answer of {operation.id} in the state {state.word[:60]!a} breaks the contract: {text}"
    )


def _no_picture(data: bytes) -> PictureHeader:
    """Pictures were judged when they came, and what is none is not shown."""
    raise ValueError("not looked at")
