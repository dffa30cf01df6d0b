"""Refusals: one submit for each rule of the contract, which breaks that rule alone."""

from __future__ import annotations

from collections import Counter

from mockserver.contract.demanded import demanded
from mockserver.kit.strategies.near_misses import NearMiss, every_near_miss
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
        models = Counter((miss.request.operation, miss.request.model) for miss in _misses(context))
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
        for miss in _misses(context):
            context.progress(f"{miss.pointer} {miss.keyword}")
            operation, request = context.contract.operations[miss.request.operation], miss.request
            target.call(operation, body=request.body, query=request.query, headers=request.headers)
        for operation in context.operations("submit"):
            query, headers = (demanded(context.contract, operation, place) for place in ("query", "header"))
            target.call(operation, body=b'{"model": ', query=query, headers=headers)
            text = {**headers, "content-type": "text/plain"}
            target.call(operation, body=b"model=none", query=query, headers=text)


def _misses(context: Context) -> list[NearMiss]:
    """The near misses of the models; a rule that holds for several models comes once."""
    if len(context.models) == 1:
        return list(every_near_miss(context.contract, context.models[0]))
    return [miss for miss in every_near_miss(context.contract) if miss.request.model in context.models]
