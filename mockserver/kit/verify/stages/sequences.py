"""Sequences that nobody would write down, by the state machine."""

from __future__ import annotations

from dataclasses import replace

from mockserver.kit.verify.context import Context, PlannedCall, StageSkipped
from mockserver.kit.verify.state_machine import explore


class SequenceStage:
    """Submits and polls in every order. Where keys cannot be made at will nothing is shrunk, because
    every shorter form would be paid for."""

    name = "sequences"
    title = "histories of submits, polls, lists and cancels in any order"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """As many calls as there are histories and steps. Raises LeftOut where no job is left to submit."""
        if context.mint is None and context.target.budget.jobs_left < 2:
            raise StageSkipped("needs more than one job, or a server that takes any key")
        operation = context.operation("submit")
        assert operation is not None
        effort = context.effort
        return [
            PlannedCall(
                operation.id,
                context.target.path(operation),
                f"{effort.examples} histories of {effort.steps} steps, and polls of their jobs",
                effort.examples * effort.steps,
                "yes",
            )
        ]

    def run(self, context: Context) -> None:
        """Explore, and keep the shortest history of each finding."""
        effort = replace(context.effort, shrink=context.mint is not None)
        context.shortest += explore(context.target, effort, context.mint)
