"""What a refusal says: what was wrong, who says so, and which profile would let it pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from mockserver.contract.model import Contract, Operation

Sibling = Callable[[str, str], Contract]
"""Provider and profile give the contract as that profile reads it."""

_MOST: Final = 5


def join(texts: Sequence[str]) -> str:
    """Violations in one text, the first five of them."""
    shown = "; ".join(texts[:_MOST])
    return f"{shown}; and {len(texts) - _MOST} more" if len(texts) > _MOST else shown


def remedy(contract: Contract, operation: Operation, body: Any, sibling: Sibling) -> str:
    """Which other profile takes this body, in a sentence."""
    taking = [
        profile
        for profile in contract.profiles
        if profile != contract.profile and _takes(sibling(contract.provider, profile), operation, body)
    ]
    if not taking:
        return "No profile takes it."
    return f"Profile {' or '.join(taking)} takes it (serve --profile {taking[0]})."


def _takes(other: Contract, operation: Operation, body: Any) -> bool:
    twin = other.operations.get(operation.id)
    return twin is not None and twin.body is not None and twin.body.is_valid(body)
