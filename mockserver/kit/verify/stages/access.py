"""Authentication: every operation without a key, and with one by another scheme."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract.model import Operation
from mockserver.contract.pointer import ABSENT
from mockserver.kit.examples import unknown_id
from mockserver.kit.verify.context import Billable, Context, PlannedCall

_NOBODY: Final = {"authorization": "Basic bm9ib2R5Om5vdGhpbmc="}


class AccessStage:
    """No request here carries the key, so a faithful server refuses all of them."""

    name = "access"
    title = "without a key, and with a key by another scheme"
    free = True

    def plan(self, context: Context) -> list[PlannedCall]:
        """Two calls for each operation that needs a key."""
        planned = []
        for operation in _secured(context):
            path = context.target.path(operation)
            what = "no key, then a wrong scheme"
            planned.append(PlannedCall(operation.id, path, what, 2, _billable(operation)))
        return planned

    def run(self, context: Context) -> None:
        """Call each operation without the key."""
        for operation in _secured(context):
            path, query = _unknown_key(context, operation)
            body: Any = {} if operation.role == "submit" else ABSENT
            for headers in ({}, _NOBODY):
                context.target.call(operation, path=path, query=query, body=body, key=None, headers=headers)


def _secured(context: Context) -> Iterator[Operation]:
    for operation in context.contract.operations.values():
        if operation.credential is not None:
            yield operation


def _billable(operation: Operation) -> Billable:
    return "if accepted" if operation.role == "submit" else "no"


def _unknown_key(context: Context, operation: Operation) -> tuple[dict[str, str], dict[str, str]]:
    """Path and query that name an unknown job or model."""
    if operation.key is None:
        return {}, {}
    place, name = operation.key
    values = {name: unknown_id(context.contract)}
    if place == "path":
        return values, {}
    return {}, values
