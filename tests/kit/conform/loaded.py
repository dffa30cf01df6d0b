"""Contracts, each loaded once."""

from __future__ import annotations

from functools import cache

from mockserver.contract.model import Contract
from mockserver.kit import contracts


@cache
def load(provider: str) -> Contract:
    """The documented contract of that provider."""
    return contracts.load(provider)
