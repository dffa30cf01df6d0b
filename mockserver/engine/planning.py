"""The plan that a job gets when it is submitted, before faults change it."""

from __future__ import annotations

from mockserver.contract.model import Contract
from mockserver.jobs.job import Plan, Step
from mockserver.settings import Pace


def make_plan(contract: Contract, pace: Pace) -> Plan:
    """The provider's default path through its states, at the given pace."""
    speed = pace.speed if pace.kind == "time" else float("inf")
    steps = tuple(
        Step(state.word, state.phase, round(state.lasts / speed)) for state in contract.default_path
    )
    if pace.kind == "polls":
        return Plan(steps, "polls", pace.polls)
    return Plan(steps, "manual" if pace.kind == "manual" else "time")
