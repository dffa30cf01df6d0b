"""Which operation."""

from __future__ import annotations

from typing import Any

from mockserver.faults.base import Predicate
from mockserver.faults.matching import NAMES, matches_name, read_names
from mockserver.faults.seams import RequestFacts


class OfOperation(Predicate):
    """The contract's operation id, or a list; for media the file: `video.mp4`, `thumbnail.jpg`.

    `*` stands for any characters.
    """

    name = "operation"
    form = NAMES

    @staticmethod
    def check(value: Any) -> Any:
        return read_names(value)

    @staticmethod
    def holds(value: Any, request: RequestFacts) -> bool:
        return matches_name(value, request.operation)
