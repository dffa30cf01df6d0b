"""The plan a job gets when it is submitted."""

from __future__ import annotations

from mockserver.contract.lifecycle import way_to
from mockserver.contract.model import Contract
from mockserver.faults.marker import Marker
from mockserver.jobs.job import Plan, Step
from mockserver.settings import Pace


def make_plan(contract: Contract, pace: Pace, marker: Marker | None) -> Plan:
    """The provider's default way, bent to the ending that a marker asks for, at the given pace."""
    path, reason = contract.way, None
    if marker is not None:
        path = way_to(contract.states, marker.ending) or way_to(contract.states, "failed") or path
        reason = _reason(contract, marker)
    speed = pace.speed if pace.kind == "time" else float("inf")
    steps = tuple(Step(state.word, state.phase, round(state.lasts / speed)) for state in path)
    if pace.kind == "polls":
        return Plan(steps, "polls", pace.polls, reason)
    return Plan(steps, "manual" if pace.kind == "manual" else "time", 0, reason)


def _reason(contract: Contract, marker: Marker) -> str:
    if marker.reason is not None:
        return contract.reasons.get(marker.reason, marker.reason)
    if marker.ending == "cancelled":
        return contract.reasons.get("cancelled", "cancelled")
    return contract.reasons.get("default", "failed")
