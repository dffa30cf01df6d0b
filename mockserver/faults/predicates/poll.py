"""Which of a job's reads."""

from __future__ import annotations

from typing import Any

from mockserver.faults.base import Predicate
from mockserver.faults.matching import NUMBERS, in_ranges, read_numbers
from mockserver.faults.seams import RequestFacts


class Poll(Predicate):
    """Its number among the reads of its job, as for `nth`: `poll = 1` is each job's first."""

    name = "poll"
    form = NUMBERS

    @staticmethod
    def check(value: Any) -> Any:
        return read_numbers(value)

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        return in_ranges(value, request.reads)
