"""Random sequences of calls, by the state machine."""

from __future__ import annotations

from dataclasses import replace

from mockserver.kit.verify.context import Context, PlannedCall, StageSkipped
from mockserver.kit.verify.state_machine import explore


class SequenceStage:
    """Submits and polls in any order.

    Where keys cannot be generated, nothing is shrunk, because every shorter form would be paid for.
    """

    name = "sequences"
    title = "histories of submits, polls, lists and cancels in any order"
    free = False

    def plan(self, context: Context) -> list[PlannedCall]:
        """As many calls as there are histories and steps. Raises StageSkipped where no job is left."""
        if context.new_key is None and context.target.budget.jobs_left < 2:
            raise StageSkipped("needs two jobs, as --max-jobs 2 allows, or a server that takes any key")
        operation = context.operation("submit")
        assert operation is not None
        search = context.search
        return [
            PlannedCall(
                operation.id,
                context.target.path(operation),
                f"{search.examples} histories of {search.steps} steps, and polls of their jobs",
                search.examples * search.steps,
                "yes",
            )
        ]

    def run(self, context: Context) -> None:
        """Explore, and record the shortest history of each finding."""
        search = replace(context.search, shrink=context.search.shrink and context.new_key is not None)
        context.minimal_examples += explore(
            context.target, search, context.new_key, context.lacks, context.asked_models
        )
        if not context.target.account.jobs[self.name]:
            context.lacks("no submit made a job")
