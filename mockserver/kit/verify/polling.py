"""Polling: a job is read until it ends, or the run's patience does."""

from __future__ import annotations

from typing import Final

from mockserver.contract.model import Operation
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import Sighting
from mockserver.kit.verify.context import Context

_LEAST: Final = 0.001
"""Seconds that each poll counts at least, so that polling without a pause ends as well."""
_MAX_UNUSABLE: Final = 5
"""Reads in a row without a usable answer after which polling ends."""


def poll(context: Context, read: Operation, job: str) -> Sighting | None:
    """Read a job until it ends; the last sighting, or None where there was none."""
    clock = context.target.budget.clock
    waited, unusable, last = 0.0, 0, None
    while waited <= context.patience and unusable < _MAX_UNUSABLE:
        begun = clock()
        call = context.target.call_about(read, job)
        sighting = _sighting(call, job)
        if sighting is None:
            unusable += 1
            context.progress(f"{job} {call.exchange.status} after {waited:.1f} s")
        else:
            unusable, last = 0, sighting
            context.progress(f"{job} {sighting.state or sighting.phase} after {waited:.1f} s")
        if sighting is not None and sighting.ended:
            # Once more: what has ended must stay as it is.
            context.target.call_about(read, job)
            return sighting
        waited += max(context.pause(), clock() - begun, _LEAST)
    context.lacks(f"job {job} did not end within {waited:.1f} s; --patience allows more")
    return last


def _sighting(call: Call, job: str) -> Sighting | None:
    """What the answer says of the job; where it names none, it means the one that was asked for."""
    for sighting in call.sightings:
        if sighting.job_id in (job, None) and (sighting.state or "job.state" not in call.fact_names):
            return sighting
    return None
