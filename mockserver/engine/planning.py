"""The plan that a job gets when it is submitted, before faults change it."""

from __future__ import annotations

from mockserver.contract.lifecycle import first_of_phase
from mockserver.contract.model import Contract
from mockserver.jobs.job import Plan, Step
from mockserver.settings import Pace
from mockserver.terms import ENDED


def make_plan(contract: Contract, pace: Pace) -> Plan:
    """The provider's default path through its states, at the given pace."""
    speed = pace.speed if pace.kind == "time" else float("inf")
    steps = tuple(
        Step(state.word, state.phase, round(state.lasts / speed)) for state in contract.default_path
    )
    if pace.kind == "polls":
        return Plan(steps, "polls", pace.polls)
    return Plan(steps, "manual" if pace.kind == "manual" else "time")


def failing(contract: Contract, plan: Plan, reason: str) -> Plan:
    """The plan with a failure at its end; as it is where the provider has no word for one."""
    state = first_of_phase(contract.states, "failed")
    if state is None:
        return plan
    steps = tuple(step for step in plan.steps if step.phase not in ENDED)
    return plan._replace(steps=(*steps, Step(state.word, state.phase)), reason=reason)
