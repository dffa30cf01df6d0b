"""A job is read until it ends, as patiently as the run says."""

from __future__ import annotations

from typing import Final

from mockserver.contract.model import Operation
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import Sighting
from mockserver.kit.verify.context import Context
from mockserver.terms import ENDED

_LEAST: Final = 0.001
"""Seconds that a poll counts for at least, so that polling without a pause ends as well."""
_GIVE_UP: Final = 5
"""Reads in a row without a usable answer after which a job is left alone."""


def poll(context: Context, read: Operation, job: str) -> Sighting | None:
    """Read until the end; the last sighting, or None where there was none."""
    clock = context.target.budget.clock
    waited, unusable, last = 0.0, 0, None
    while waited <= context.patience and unusable < _GIVE_UP:
        begun = clock()
        call = context.target.about(read, job)
        seen = _seen(call, job)
        unusable = 0 if seen else unusable + 1
        last = seen or last
        context.progress(f"{job} {seen.state if seen else call.exchange.status} after {waited:.1f} s")
        if seen and seen.phase in ENDED:
            context.target.about(read, job)
            return seen
        waited += max(context.pause(), clock() - begun, _LEAST)
    context.notes.append(f"job {job} was not seen to its end in {waited:.1f} s")
    return last


def _seen(call: Call, job: str) -> Sighting | None:
    return next((one for one in call.sightings if one.job in (job, None) and one.state), None)
