"""Refusals: one submit for each rule of the contract, which breaks that rule alone."""

from __future__ import annotations

from collections import Counter

from mockserver.contract.demanded import demanded
from mockserver.kit.strategies.near_misses import near_misses_of
from mockserver.kit.verify.context import Context, PlannedCall


class RefusalStage:
    """A faithful server refuses all of these submits and charges for none.

    A server that accepts one may charge for it, so each counts as a job unless it was refused.
    """

    name = "refusals"
    title = "submits that break one rule each"
    free = True

    def plan(self, context: Context) -> list[PlannedCall]:
        """One call for each rule, and two with bodies that are not JSON."""
        target = context.target
        misses = near_misses_of(context.contract, context.asked_models)
        models = Counter((miss.request.operation, miss.request.model) for miss in misses)
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
        for operation in context.operations("submit"):
            what = "no JSON, and a body of another type"
            planned.append(PlannedCall(operation.id, target.path(operation), what, 2, "if accepted"))
        return planned

    def run(self, context: Context) -> None:
        """Make each of these calls."""
        target = context.target
        for miss in near_misses_of(context.contract, context.asked_models):
            context.progress(f"{miss.pointer} {miss.keyword}")
            target.submit(miss.request)
        for operation in context.operations("submit"):
            query, headers = (demanded(context.contract, operation, place) for place in ("query", "header"))
            target.call(operation, body=b'{"model": ', query=query, headers=headers)
            text = {**headers, "content-type": "text/plain"}
            target.call(operation, body=b"model=none", query=query, headers=text)
