"""The text of a refusal: what is wrong, and which profile would accept it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.violation import Violation

Field = tuple[str | int, ...]

ContractLookup = Callable[[str, str], Contract]
"""Finds the contract of a provider as a profile reads it."""

_MAX_SHOWN: Final = 5


class Refusal(Exception):
    """The request goes no further: which answer it gets (`when`), the message, the rules it breaks.

    `field` is what it is about, as steps: the place (`body`, `query`, ...), then the way to the field in it.
    `until` is when the same request may be let through, in Unix milliseconds by the tenant's clock.
    """

    def __init__(
        self,
        when: str,
        message: str,
        violations: tuple[str, ...] = (),
        field: Field | None = None,
        until: int | None = None,
    ) -> None:
        super().__init__(message)
        self.when = when
        self.message = message
        self.violations = violations
        self.field = field
        self.until = until


class UnreadCoding(Refusal):
    """The body is in a coding that this server does not read."""


def field_of(violation: Violation) -> Field | None:
    """The steps to what a violation is about; None where that is the whole of its place."""
    steps = pointer.parts(violation.pointer)
    # A list's item is a number, as in `loc` and `path` of those who say it in steps.
    return (violation.place, *(int(step) if step.isdecimal() else step for step in steps)) if steps else None


def join_texts(texts: Sequence[str]) -> str:
    """Violations in one text, the first five of them."""
    shown = "; ".join(texts[:_MAX_SHOWN])
    if len(texts) <= _MAX_SHOWN:
        return shown
    return f"{shown}; and {len(texts) - _MAX_SHOWN} more"


def remedy(contract: Contract, operation: Operation, path: str, body: Any, lookup: ContractLookup) -> str:
    """A sentence that names the other profiles that accept this body at this path."""
    accepting = [
        profile
        for profile in contract.profiles
        if profile != contract.profile and _accepts(lookup(contract.provider, profile), operation, path, body)
    ]
    if not accepting:
        return "No profile takes it."
    first = accepting[0]
    started = f"serve --profile {first}, pytest --mockserver-profile {first}"
    return f"Profile {' or '.join(accepting)} takes it ({started}, in_process.serve(profile={first!r}))."


def _accepts(other: Contract, operation: Operation, path: str, body: Any) -> bool:
    twin = other.operations.get(operation.id)
    if twin is None or twin.body is None:
        return False
    prefix = path.removesuffix(operation.path)
    is_served = (twin.method, twin.path) == (operation.method, operation.path) and prefix in other.prefixes
    return is_served and twin.body.is_valid(body)
