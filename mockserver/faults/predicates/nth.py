"""Which of the tenant's requests."""

from __future__ import annotations

from typing import Any

from mockserver.faults.base import Predicate
from mockserver.faults.matching import NUMBERS, in_ranges, read_numbers
from mockserver.faults.seams import RequestFacts


class Nth(Predicate):
    """Its number among the requests of its tenant, provider and role: `1`, `[1, 3]`, `"2-4"` or `">=3"`."""

    name = "nth"
    form = NUMBERS

    @staticmethod
    def check(value: Any) -> Any:
        return read_numbers(value)

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        return in_ranges(value, request.number)
