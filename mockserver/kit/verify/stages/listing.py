"""Free reads: lists, models, and unknown ids."""

from __future__ import annotations

from typing import Final

from mockserver.contract.demanded import demanded
from mockserver.contract.model import Operation
from mockserver.kit.examples import bodies, unknown_id
from mockserver.kit.verify.context import Context, PlannedCall

_UNKNOWN_MODEL: Final = "no-such-model"


class ListingStage:
    """Reads only, which no server charges for."""

    name = "listing"
    title = "lists, models, and jobs that are not there"
    free = True

    def plan(self, context: Context) -> list[PlannedCall]:
        """One call for each list, each model, and each operation that takes a job's id."""
        path = context.target.path
        planned = []
        for operation in context.operations("list"):
            planned += _list_calls(context, operation)
        for operation in context.operations("models"):
            planned.append(PlannedCall(operation.id, path(operation), "every model", 1))
        for operation in context.operations("account"):
            planned.append(PlannedCall(operation.id, path(operation), "what is left", 1))
        for operation in context.operations("upload"):
            planned.append(PlannedCall(operation.id, path(operation), "a place for a file", 1))
        for operation in context.operations("model"):
            what = "each model, and one too many"
            planned.append(PlannedCall(operation.id, path(operation), what, len(context.models) + 1))
        for operation in context.operations("read", "cancel"):
            planned.append(PlannedCall(operation.id, path(operation), "an id that is not there", 1))
        return planned

    def run(self, context: Context) -> None:
        """Make each of these calls."""
        target = context.target
        for operation in context.operations("list"):
            for query in ({}, *model_filters(context, operation), *_pages(operation)):
                target.call(operation, query=query)
        for operation in context.operations("models"):
            target.call(operation)
        _call_account(context)
        for operation in context.operations("model"):
            for model in (*context.models, _UNKNOWN_MODEL):
                target.call_about(operation, model)
        for operation in context.operations("read", "cancel"):
            target.call_about(operation, unknown_id(context.contract))


def _call_account(context: Context) -> None:
    """Ask what is left, and for a place for a file."""
    for operation in context.operations("account"):
        context.target.call(operation, query=demanded(context.contract, operation, "query"))
    for operation in context.operations("upload"):
        context.target.call(operation, body=bodies(context.contract, operation)[0])


def _list_calls(context: Context, operation: Operation) -> list[PlannedCall]:
    path = context.target.path(operation)
    planned = [PlannedCall(operation.id, path, "the whole list", 1)]
    filters, pages = model_filters(context, operation), _pages(operation)
    if filters:
        planned.append(PlannedCall(operation.id, path, "only of one model", len(filters)))
    if pages:
        planned.append(PlannedCall(operation.id, path, "a page of one", len(pages)))
    return planned


def model_filters(context: Context, operation: Operation) -> list[dict[str, str]]:
    """A query for each model that the list can be narrowed to."""
    names = [name for name, field in operation.filters.items() if field == "model"]
    return [{name: model} for name in names for model in context.models]


def _pages(operation: Operation) -> list[dict[str, str]]:
    return [{operation.page.size: "1"}] if operation.page.size else []
