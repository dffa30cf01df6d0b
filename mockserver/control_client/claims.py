"""Claims about what a tenant asked: one that does not hold is an AssertionError that shows the exchanges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

Json = dict[str, Any]
SHOWN: Final = 30
"""Exchanges that a failed claim lists, the last ones."""


def judge_submitted_once(page: Json) -> None:
    """Raise AssertionError unless just one submit in the page of the journal made a job."""
    __tracebackhide__ = True
    made = [one for one in page["exchanges"] if _is_submit(one) and one["job"] is not None]
    _expect(len(made) == 1, f"expected one submit that made a job, found {len(made)}", page)


def judge_no_submit(page: Json) -> None:
    """Raise AssertionError where the page of the journal has a submit, accepted or refused."""
    __tracebackhide__ = True
    submits = [one for one in page["exchanges"] if _is_submit(one)]
    _expect(not submits, f"expected no submit, found {len(submits)}", page)


def _expect(holds: bool, said: str, page: Json) -> None:
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(f"{said}; {_listed(page['exchanges'])}")


def _is_submit(one: Json) -> bool:
    return bool(one["role"] == "submit")


def _listed(exchanges: Sequence[Json]) -> str:
    if not exchanges:
        return "nothing was asked of the server with this key"
    lines = [f"  ... and {len(exchanges) - SHOWN} before"] if len(exchanges) > SHOWN else []
    return "\n".join(["exchanges were:", *lines, *map(_line, exchanges[-SHOWN:])])


def _line(one: Json) -> str:
    at = datetime.fromtimestamp(one["at"] / 1000, UTC).isoformat(timespec="milliseconds")[11:23]
    about = (one["role"], one["job"] and f"job {one['job']}", *one["faults"], *one["violations"])
    said = ", ".join(filter(None, about))
    return f"  #{one['number']}  {at}  {one['method']} {one['path']}  {one['status']}  {said}".rstrip()
