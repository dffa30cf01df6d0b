"""Timestamps of a clock that is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from mockserver.faults.base import WireFault
from mockserver.faults.bodies import change_body, objects
from mockserver.faults.seams import Reply, RequestFacts

_KEYS: Final = (
    "created_at", "updated_at", "queued_at", "started_at", "finished_at", "completed_at", "submit_time",
    "start_time", "finish_time", "timestamp",
)  # fmt: skip
_MILLISECONDS: Final = 100_000_000_000
"""A number above it is in milliseconds: in seconds it would be in the year 5138."""


class ClockSkew(WireFault):
    """The timestamps under `keys` are `seconds` off (by default an hour early), in whichever form they are.

    A body without such keys stays as it is.
    Use: does the client measure its patience by its own clock?
    """

    name = "clock-skew"
    main = "seconds"
    seconds: float = -3600.0
    keys: tuple[str, ...] = _KEYS

    def after(self, reply: Reply, request: RequestFacts) -> None:
        change_body(reply, self._skewed)

    def _skewed(self, document: Any) -> Any:
        for node in objects(document):
            for key in self.keys:
                if key in node:
                    node[key] = _moved(node[key], self.seconds)
        return document


def _moved(value: Any, seconds: float) -> Any:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value) + timedelta(seconds=seconds)
        except (ValueError, OverflowError):
            return value
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        return value
    return value + type(value)(seconds * 1000 if value > _MILLISECONDS else seconds)
