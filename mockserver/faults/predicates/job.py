"""Which job."""

from __future__ import annotations

from typing import Any

from mockserver.faults.base import Predicate
from mockserver.faults.matching import NAMES, named, read_names
from mockserver.faults.seams import RequestFacts


class OfJob(Predicate):
    """The job's id, or a list; a submit has none yet."""

    name = "job"
    form = NAMES

    @staticmethod
    def check(value: Any) -> Any:
        return read_names(value)

    @staticmethod
    def holds(value: Any, subject: RequestFacts) -> bool:
        return named(value, subject.job_id)
