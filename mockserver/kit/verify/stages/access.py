"""Who is let in: every operation without a key, and with one that is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract.model import Operation
from mockserver.contract.pointer import ABSENT
from mockserver.kit.examples import unknown_id
from mockserver.kit.verify.context import Billable, Context, PlannedCall

_NOBODY: Final = {"authorization": "Basic bm9ib2R5Om5vdGhpbmc="}


class AccessStage:
    """No request here carries the key, so a faithful server does nothing."""

    name = "access"
    title = "without a key, and with a wrong one"
    free = True

    def plan(self, context: Context) -> list[PlannedCall]:
        """Two calls for each operation that needs a key."""
        return [
            PlannedCall(one.id, context.target.path(one), "no key, then a wrong scheme", 2, _billable(one))
            for one in _secured(context)
        ]

    def run(self, context: Context) -> None:
        """Ask each operation as nobody."""
        for operation in _secured(context):
            path, query = _named(context, operation)
            body: Any = {} if operation.role == "submit" else ABSENT
            for headers in ({}, _NOBODY):
                context.target.ask(operation, path=path, query=query, body=body, key=None, headers=headers)


def _secured(context: Context) -> Iterator[Operation]:
    return (one for one in context.contract.operations.values() if one.credential is not None)


def _billable(operation: Operation) -> Billable:
    return "if accepted" if operation.role == "submit" else "no"


def _named(context: Context, operation: Operation) -> tuple[dict[str, str], dict[str, str]]:
    """Path and query that name a job or model which is not there."""
    if operation.key is None:
        return {}, {}
    place, name = operation.key
    named = {name: unknown_id(context.contract)}
    return (named, {}) if place == "path" else ({}, named)
