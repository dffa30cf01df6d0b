"""What can be asked for nothing: lists, models, and things that are not there."""

from __future__ import annotations

from typing import Final

from mockserver.contract.model import Operation
from mockserver.kit.examples import unknown_id
from mockserver.kit.verify.context import Context, PlannedCall

_NO_MODEL: Final = "no-such-model"


class ListingStage:
    """Reads only; nothing of it can be charged for."""

    name = "listing"
    title = "lists, models, and jobs that are not there"
    free = True

    def plan(self, context: Context) -> list[PlannedCall]:
        """One call for each list, each model, each way to name what is not there."""
        target = context.target
        planned = [
            PlannedCall(one.id, target.path(one), said, len(queries))
            for one in context.operations("list")
            for said, queries in (
                ("the whole list", [{}]),
                ("only of one model", _filters(context, one)),
                ("a page of one", _pages(one)),
            )
            if queries
        ]
        planned += [
            PlannedCall(one.id, target.path(one), "every model", 1) for one in context.operations("models")
        ]
        for one in context.operations("model"):
            planned.append(
                PlannedCall(one.id, target.path(one), "each model, and one too many", len(context.models) + 1)
            )
        planned += [
            PlannedCall(one.id, target.path(one), "an id that is not there", 1)
            for one in context.operations("read", "cancel")
        ]
        return planned

    def run(self, context: Context) -> None:
        """Ask for each."""
        target = context.target
        for one in context.operations("list"):
            for query in ({}, *_filters(context, one), *_pages(one)):
                target.ask(one, query=query)
        for one in context.operations("models"):
            target.ask(one)
        for one in context.operations("model"):
            for model in (*context.models, _NO_MODEL):
                target.about(one, model)
        for one in context.operations("read", "cancel"):
            target.about(one, unknown_id(context.contract))


def _filters(context: Context, operation: Operation) -> list[dict[str, str]]:
    names = [name for name, field in operation.filters.items() if field == "model"]
    return [{name: model} for name in names for model in context.models]


def _pages(operation: Operation) -> list[dict[str, str]]:
    return [{operation.page.size: "1"}] if operation.page.size else []
