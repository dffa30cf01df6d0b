"""Which callbacks a job owes: a pure function of the job, the clock, and how its tries went."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from mockserver.contract.model import Contract
from mockserver.contract.pointer import follow
from mockserver.engine.message import Request
from mockserver.engine.request_context import RequestContext
from mockserver.engine.view import JobView
from mockserver.faults.seams import Delivery
from mockserver.jobs.job import Job, State
from mockserver.jobs.timeline import history

if TYPE_CHECKING:
    from mockserver.faults.base import CallbackFault

BACKOFF: Final = (1000, 2000, 4000, 8000)
"""Milliseconds on the tenant's clock from a try that failed to the next; after the last, no more."""
_EVER: Final = 2**62


class Outcome(NamedTuple):
    """How a try went: when it was made, and whether that settles the delivery, well or badly."""

    at: int
    settled: bool


class Attempt(NamedTuple):
    """A try, from 1, that is to be made at a moment in Unix milliseconds."""

    delivery: Delivery
    number: int
    at: int

    @property
    def key(self) -> str:
        """What tells it from the job's other tries."""
        copy = f".{self.delivery.copy}" if self.delivery.copy else ""
        return f"{self.delivery.number}.{self.number}{copy}"


def callback_url(contract: Contract, job: Job) -> str | None:
    """Where the submitter wants to be told of changes; None where nowhere, or the contract tells nothing."""
    operation = contract.operations.get(job.operation)
    if operation is None or operation.callback is None or operation.callback_at is None:
        return None
    url = follow(job.request, operation.callback_at)
    return url if isinstance(url, str) and url else None


def due(
    contract: Contract, job: Job, now: int, *, base: str = "", faults: Sequence[CallbackFault] = ()
) -> list[Delivery]:
    """The callbacks due by `now` (Unix milliseconds), with their bodies, in the order in which they fall due.

    One for each state the job entered after its first, bent by `faults`. `base` is
    this server's address in media links. Pure: same arguments, same answer.
    """
    ready = [one for one in planned(contract, job, faults) if moment(one) <= now]
    return [one._replace(body=body_of(contract, job, one, base)) for one in ready]


def planned(contract: Contract, job: Job, faults: Sequence[CallbackFault] = ()) -> list[Delivery]:
    """Every callback that is known to come unless somebody steps in, without bodies, by their moments."""
    url = callback_url(contract, job)
    if url is None:
        return []
    found = [
        Delivery(job.id, number, state.word, state.since, job.created_at, url, b"")
        for number, state in enumerate(history(job, _EVER)[1:], 1)
    ]
    for fault in faults:
        found = [changed for one in found for changed in fault.change(one)]
    return sorted(found, key=moment)


def moment(delivery: Delivery) -> int:
    """When it is due first, in Unix milliseconds."""
    return delivery.submitted if delivery.early else delivery.at


def body_of(contract: Contract, job: Job, delivery: Delivery, base: str) -> bytes:
    """What the callback tells, as JSON."""
    callback = contract.operations[job.operation].callback
    assert callback is not None
    state = history(job, _EVER)[delivery.number]
    return orjson.dumps(callback.project(_view(contract, job, state, base)))


def broken_promise(contract: Contract, job: Job, body: bytes) -> str | None:
    """What is wrong with a body by the contract, unless the job was made to be out of it."""
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
    call = RequestContext(
        contract, contract.operations[job.operation], request, state.since, chance, job.tenant
    )
    call.job, call.state = job, state
    return JobView(call, job, state)


def attempts(deliveries: Sequence[Delivery], outcomes: Mapping[str, Outcome]) -> list[Attempt]:
    """The next try of each delivery that is not settled, the earliest first."""
    found = (_next(delivery, outcomes) for delivery in deliveries)
    return sorted((one for one in found if one is not None), key=lambda attempt: attempt.at)


def _next(delivery: Delivery, outcomes: Mapping[str, Outcome]) -> Attempt | None:
    attempt = Attempt(delivery, 1, moment(delivery))
    for wait in (*BACKOFF, None):
        outcome = outcomes.get(attempt.key)
        if outcome is None:
            return attempt
        if outcome.settled or wait is None:
            return None
        attempt = Attempt(delivery, attempt.number + 1, outcome.at + wait)
    return None


def headers_of(provider: str, attempt: Attempt, body: bytes, secret: str | None) -> dict[str, str]:
    """What is sent with a body. All tries and copies of a delivery have one name, so that a receiver who
    got it twice can see it."""
    delivery = attempt.delivery
    headers = {
        "content-type": "application/json",
        "x-mockserver-delivery": f"{provider}.{delivery.job_id}.{delivery.number}",
        "x-mockserver-attempt": str(attempt.number),
    }
    key = f"forged {secret}" if delivery.forged else secret
    return headers if key is None else {**headers, "x-mockserver-signature": signature(key, body)}


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the hexadecimal HMAC-SHA256 of the body."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
