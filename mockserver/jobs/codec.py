"""A job as JSON: the part that never changes, and its facts, each on its own."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from mockserver.jobs.job import Fact, Job, Plan, Step


def dump_job(job: Job) -> bytes:
    """All of a job but its facts, as a JSON object.

    Raises TypeError (orjson.JSONEncodeError) for a request that is no JSON: a lone surrogate,
    an integer beyond 64 bits, a key that is no string, more than 254 levels.
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
    """A fact as a JSON object without what it leaves open. Raises TypeError as `dump_job` does."""
    return orjson.dumps(_fact(fact))


def dump_facts(facts: tuple[Fact, ...]) -> bytes:
    """Facts as a JSON array of what `dump_fact` writes."""
    return orjson.dumps([_fact(fact) for fact in facts]) if facts else b"[]"


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
    # A server that knew no faults wrote neither of these.
    quirks, faults = tuple(record.get("quirks", ())), tuple(record.get("faults", ()))
    return Plan(**{**record, "steps": steps, "quirks": quirks, "faults": faults})


def _load_fact(record: dict[str, Any]) -> Fact:
    if "plan" in record:
        return Fact(**{**record, "plan": _plan(record["plan"])})
    return Fact(**record)


def _fact(fact: Fact) -> dict[str, Any]:
    plan = None if fact.plan is None else _dump_plan(fact.plan)
    said = {"state": fact.state, "phase": fact.phase, "reason": fact.reason, "plan": plan}
    return {"kind": fact.kind, "at": fact.at, **{k: v for k, v in said.items() if v is not None}}
