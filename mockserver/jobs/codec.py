"""A job as JSON: the part that never changes, and its facts, each on its own."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import orjson

from mockserver.jobs.job import Fact, Job, Plan
from mockserver.jobs.records import read_facts, read_job, read_plan

_MOST_STEPS: Final = 64
"""Steps of a plan whose text is remembered."""
LONG_PLAN: Final = 8192
"""Characters of a plan that is remembered: usual ones have some 300, and a snapshot may bring megabytes."""


def dump_job(job: Job) -> bytes:
    """A job without its facts, as a JSON object.

    Raises TypeError (orjson.JSONEncodeError) for a request that JSON cannot hold: a lone surrogate,
    an integer beyond 64 bits, a key that is not a string, more than 254 levels.
    """
    return orjson.dumps(_record(job))


def dump_job_around(job: Job, request: bytes | bytearray) -> bytes:
    """As `dump_job`, of a job whose request is there as JSON: that is copied, and not written again."""
    record = _record(job)
    del record["request"]
    return b"".join((orjson.dumps(record)[:-1], b',"request":', request, b"}"))


def dump_whole_job(job: Job) -> bytes:
    """A job with its facts, as one JSON object. Raises TypeError as `dump_job` does."""
    return orjson.dumps({**_record(job), "facts": orjson.Fragment(dump_facts(job.facts))})


def _record(job: Job) -> dict[str, Any]:
    record = {
        "id": job.id,
        "tenant": job.tenant,
        "provider": job.provider,
        "operation": job.operation,
        "model": job.model,
        "request": job.request,
        "created_at": job.created_at,
        "plan": _dump_plan(job.plan),
        "alias": job.alias,
    }
    if job.seconds is not None:
        record["seconds"] = job.seconds
    if job.places:
        record["places"] = job.places
    return record


def dump_plan(plan: Plan) -> bytes:
    """A plan as a JSON object."""
    return bytes(orjson.dumps(_dump_plan(plan)))


def load_plan(text: str) -> Plan:
    """The plan in what `dump_plan` wrote. Raises ValueError, with the place, when it is anything else."""
    return (_load_plan if len(text) <= LONG_PLAN else _load_plan.__wrapped__)(text)


@lru_cache(1024)
def _load_plan(text: str) -> Plan:
    return read_plan(orjson.loads(text), "plan")


def load_job(text: bytes) -> Job:
    """A job without facts from what `dump_job` wrote. Raises ValueError for anything else."""
    return read_job(orjson.loads(text), _known_plan)


def _known_plan(value: Any, place: str) -> Plan:
    """As `read_plan`: most jobs have a plan that others have, and reading it takes half of reading a job."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:  # deeper than orjson writes
        return read_plan(value, place)
    return load_plan(text)


def dump_fact(fact: Fact) -> bytes:
    """A fact as a JSON object, without the fields that are None. Raises TypeError as `dump_job` does."""
    return orjson.dumps(_fact(fact))


def dump_facts(facts: tuple[Fact, ...]) -> bytes:
    """Facts as a JSON array of what `dump_fact` writes."""
    return orjson.dumps([_fact(fact) for fact in facts])


def load_facts(text: str | bytes) -> tuple[Fact, ...]:
    """The facts of a JSON array. Raises ValueError, with the place, when it is anything else."""
    return read_facts(orjson.loads(text))


def _dump_plan(plan: Plan) -> orjson.Fragment:
    """Jobs of one model at one pace have the same plan; what makes it long is its steps."""
    return (_plan_text if len(plan.steps) <= _MOST_STEPS else _plan_text.__wrapped__)(plan)


@lru_cache(256)
def _plan_text(plan: Plan) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(plan_document(plan)))


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan as a JSON object."""
    return {**plan._asdict(), "steps": [step._asdict() for step in plan.steps]}


def _fact(fact: Fact) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": fact.kind, "at": fact.at}
    for name in ("state", "phase", "reason"):
        value = getattr(fact, name)
        if value is not None:
            record[name] = value
    if fact.plan is not None:
        record["plan"] = _dump_plan(fact.plan)
    return record
