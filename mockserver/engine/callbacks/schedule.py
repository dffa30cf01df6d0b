"""Which callbacks a job owes: a pure function of the job, the clock, and the outcomes of its attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from mockserver.contract.model import Contract
from mockserver.engine.body import text_at
from mockserver.engine.message import Request
from mockserver.engine.request_context import RequestContext
from mockserver.engine.view import JobView
from mockserver.faults.seams import Delivery
from mockserver.jobs.job import Job, State
from mockserver.jobs.timeline import history

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault

BACKOFF: Final = (1000, 2000, 4000, 8000)
"""Milliseconds on the tenant's clock from a failed attempt to the next; after the last, no more."""
DELIVERY_HEADER: Final = "x-mockserver-delivery"
_EVER: Final = 2**62


class Outcome(NamedTuple):
    """The outcome of an attempt: its moment, and whether it settles the delivery, well or badly."""

    at: int
    settled: bool


class Attempt(NamedTuple):
    """An attempt to make at a moment in Unix milliseconds; numbers count from 1."""

    delivery: Delivery
    number: int
    at: int

    @property
    def key(self) -> str:
        """What tells it from the job's other attempts."""
        copy = f".{self.delivery.copy}" if self.delivery.copy else ""
        return f"{self.delivery.number}.{self.number}{copy}"


def callback_url(contract: Contract, job: Job) -> str | None:
    """Where the submitter wants callbacks; None where it wants none, or the contract has none."""
    operation = contract.operations.get(job.operation)
    if operation is None or operation.callback is None:
        return None
    if operation.callback_place is not None:
        return job.places.get(".".join(operation.callback_place))
    return text_at(job.request, operation.callback_at) or None


def planned_deliveries(contract: Contract, job: Job, faults: Sequence[CallbackFault] = ()) -> list[Delivery]:
    """Every callback that the job's plan leads to, without bodies, by the moments of their first attempts."""
    url = callback_url(contract, job)
    if url is None:
        return []
    callback = contract.operations[job.operation].callback
    phases = callback.phases(job.request) if callback is not None else frozenset[str]()
    deliveries = [
        Delivery(job.id, number, state.word, state.since, job.created_at, url, b"")
        for number, state in enumerate(history(job, _EVER)[1:], 1)
        if state.phase in phases
    ]
    for fault in faults:
        deliveries = [changed for delivery in deliveries for changed in fault.change(delivery)]
    return sorted(deliveries, key=first_due)


def first_due(delivery: Delivery) -> int:
    """The moment of its first attempt, in Unix milliseconds."""
    return delivery.submitted if delivery.early else delivery.at


def callback_body(contract: Contract, job: Job, delivery: Delivery, base: str) -> bytes:
    """The body of the callback, as JSON."""
    callback = contract.operations[job.operation].callback
    assert callback is not None
    state = history(job, _EVER)[delivery.number]
    return orjson.dumps(callback.render(_view(contract, job, state, base)))


def body_violations(contract: Contract, job: Job, body: bytes) -> str | None:
    """How a body breaks the contract; None where it does not, or a fault made the job break it on purpose."""
    callback = contract.operations[job.operation].callback
    if callback is None or callback.schema is None or "off-contract" in job.plan.quirks:
        return None
    content = orjson.loads(body)
    if callback.schema.is_valid(content):
        return None
    return "; ".join(violation.text() for violation in callback.schema.explain(content)[:5])


def _view(contract: Contract, job: Job, state: State, base: str) -> JobView:
    request = Request("POST", "", "", (), b"", base)
    chance = Random(f"{job.id}/{state.word}/{state.since}")  # noqa: S311
    context = RequestContext(
        contract, contract.operations[job.operation], request, state.since, chance, job.tenant
    )
    context.job, context.state = job, state
    return JobView(context, job, state)


def open_attempts(deliveries: Sequence[Delivery], outcomes: Mapping[str, Outcome]) -> list[Attempt]:
    """The next attempt of each delivery that is not settled, the earliest first."""
    following = (_next_attempt(delivery, outcomes) for delivery in deliveries)
    return sorted((attempt for attempt in following if attempt is not None), key=lambda attempt: attempt.at)


def _next_attempt(delivery: Delivery, outcomes: Mapping[str, Outcome]) -> Attempt | None:
    attempt = Attempt(delivery, 1, first_due(delivery))
    for wait in (*BACKOFF, None):
        outcome = outcomes.get(attempt.key)
        if outcome is None:
            return attempt
        if outcome.settled or wait is None:
            return None
        attempt = Attempt(delivery, attempt.number + 1, outcome.at + wait)
    return None


def callback_headers(provider: str, attempt: Attempt) -> dict[str, str]:
    """The headers of a callback, unsigned. All attempts and copies of a delivery have the same name in them,
    so that a receiver who got it twice can see it.
    """
    return {
        "content-type": "application/json",
        DELIVERY_HEADER: f"{provider}.{attempt.delivery.job_id}.{attempt.delivery.number}",
        "x-mockserver-attempt": str(attempt.number),
    }
