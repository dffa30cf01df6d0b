"""The text of a refusal: what is wrong, and which profile would accept it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from mockserver.contract.model import Contract, Operation

ContractLookup = Callable[[str, str], Contract]
"""Finds the contract of a provider as a profile reads it."""

_MAX_SHOWN: Final = 5


class Refusal(Exception):
    """The request goes no further: which answer it gets (`when`), the message, the rules it breaks.

    `until` is when the same request may be let through, in Unix milliseconds by the tenant's clock.
    """

    def __init__(
        self, when: str, message: str, violations: tuple[str, ...] = (), until: int | None = None
    ) -> None:
        super().__init__(message)
        self.when = when
        self.message = message
        self.violations = violations
        self.until = until


class UnreadCoding(Refusal):
    """The body is in a coding that this server does not read."""


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
