"""Which tenant."""

from __future__ import annotations

from typing import Any

from mockserver.faults.base import Predicate
from mockserver.faults.matching import NAMES, matches_name, read_names
from mockserver.faults.seams import RequestFacts


class OfTenant(Predicate):
    """The tenant, or a list: the hash of its key, as the journal shows it."""

    name = "tenant"
    form = NAMES

    @staticmethod
    def check(value: Any) -> Any:
        return read_names(value)

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        return matches_name(value, request.tenant)
