"""A job as JSON: the part that never changes, and its facts, each on its own."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from mockserver.jobs.job import Fact, Job, Plan, Step


def dump_job(job: Job) -> bytes:
    """A job without its facts, as a JSON object.

    Raises TypeError (orjson.JSONEncodeError) for a request that JSON cannot hold: a lone surrogate,
    an integer beyond 64 bits, a key that is not a string, more than 254 levels.
    """
    return orjson.dumps(
        {
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
    )


def load_job(text: bytes) -> Job:
    """A job without facts from what `dump_job` wrote. Raises ValueError when it is anything else."""
    try:
        record = orjson.loads(text)
        return Job(**{**record, "plan": _plan(record["plan"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a job: {error}") from error


def dump_fact(fact: Fact) -> bytes:
    """A fact as a JSON object, without the fields that are None. Raises TypeError as `dump_job` does."""
    return orjson.dumps(_fact(fact))


def dump_facts(facts: tuple[Fact, ...]) -> bytes:
    """Facts as a JSON array of what `dump_fact` writes."""
    return orjson.dumps([_fact(fact) for fact in facts])


def load_facts(text: str | bytes) -> tuple[Fact, ...]:
    """The facts of a JSON array. Raises ValueError when it is anything else."""
    try:
        return tuple(_load_fact(record) for record in orjson.loads(text))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a list of facts: {error}") from error


@lru_cache(256)
def _dump_plan(plan: Plan) -> orjson.Fragment:
    """Jobs of one model at one pace have the same plan."""
    return orjson.Fragment(orjson.dumps(plan_document(plan)))


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan as a JSON object."""
    return {**plan._asdict(), "steps": [step._asdict() for step in plan.steps]}


def _plan(record: dict[str, Any]) -> Plan:
    steps = tuple(Step(**step) for step in record["steps"])
    # Servers from before there were faults wrote neither of these.
    quirks, faults = tuple(record.get("quirks", ())), tuple(record.get("faults", ()))
    return Plan(**{**record, "steps": steps, "quirks": quirks, "faults": faults})


def _load_fact(record: dict[str, Any]) -> Fact:
    if "plan" in record:
        return Fact(**{**record, "plan": _plan(record["plan"])})
    return Fact(**record)


def _fact(fact: Fact) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": fact.kind, "at": fact.at}
    for name in ("state", "phase", "reason"):
        value = getattr(fact, name)
        if value is not None:
            record[name] = value
    if fact.plan is not None:
        record["plan"] = _dump_plan(fact.plan)
    return record
