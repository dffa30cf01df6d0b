"""What must be refused: one submit for each rule of the documents, breaking that one alone."""

from __future__ import annotations

from collections import Counter

from mockserver.kit.strategies.near_misses import NearMiss, every_near_miss
from mockserver.kit.verify.context import Context, PlannedCall


class RefusalStage:
    """A faithful server refuses all of it, unpaid; one that takes something may charge for it, so each
    takes from the jobs that are allowed as long as it was not refused."""

    name = "refusals"
    title = "submits that break one rule each"
    free = True

    def plan(self, context: Context) -> list[PlannedCall]:
        """One call for each rule, and two bodies that are no JSON."""
        target = context.target
        models = Counter((miss.asked.operation, miss.asked.model) for miss in _misses(context))
        planned = [
            PlannedCall(
                name,
                target.path(context.contract.operations[name]),
                f"{model}: one rule broken",
                calls,
                "if accepted",
            )
            for (name, model), calls in models.items()
        ]
        return planned + [
            PlannedCall(one.id, target.path(one), "no JSON, and a body of another type", 2, "if accepted")
            for one in context.operations("submit")
        ]

    def run(self, context: Context) -> None:
        """Send each."""
        target = context.target
        for miss in _misses(context):
            context.progress(f"{miss.pointer} {miss.keyword}")
            operation, asked = context.contract.operations[miss.asked.operation], miss.asked
            target.ask(operation, body=asked.body, query=asked.query, headers=asked.headers)
        for one in context.operations("submit"):
            target.ask(one, body=b'{"model": ')
            target.ask(one, body=b"model=none", headers={"content-type": "text/plain"})


def _misses(context: Context) -> list[NearMiss]:
    """A rule that holds for several of the models comes once."""
    if len(context.models) == 1:
        return list(every_near_miss(context.contract, context.models[0]))
    return [miss for miss in every_near_miss(context.contract) if miss.asked.model in context.models]
