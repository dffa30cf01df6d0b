"""Claims about a tenant's exchanges: one that does not hold raises an AssertionError that lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from mockserver.control_client.answers import JournalEntryAnswer, JournalPageAnswer
from mockserver.control_client.calls import ApiCall, Filter, TenantQuery

SHOWN: Final = 30
"""Exchanges that a failed claim lists, the last ones."""


def assert_submitted_once(who: TenantQuery, /, **filters: Filter) -> ApiCall[None]:
    """Raise AssertionError unless just one submit made a job; the error lists the exchanges.

    Filters are those of the journal, such as provider.
    """
    return _judge_exchanges(judge_submitted_once, who, filters)


def assert_no_submit(who: TenantQuery, /, **filters: Filter) -> ApiCall[None]:
    """Raise AssertionError if any submit arrived, refused ones included; the error lists the exchanges."""
    return _judge_exchanges(judge_no_submit, who, filters)


def judge_submitted_once(page: JournalPageAnswer) -> None:
    """Raise AssertionError unless just one submit in the page of the journal made a job."""
    __tracebackhide__ = True
    made = [entry for entry in page["exchanges"] if _is_submit(entry) and entry["job"] is not None]
    _expect(len(made) == 1, f"expected one submit that made a job, found {len(made)}", page)


def judge_no_submit(page: JournalPageAnswer) -> None:
    """Raise AssertionError where the page of the journal has a submit, accepted or refused."""
    __tracebackhide__ = True
    submits = [entry for entry in page["exchanges"] if _is_submit(entry)]
    _expect(not submits, f"expected no submit, found {len(submits)}", page)


def _judge_exchanges(
    judge: Callable[[JournalPageAnswer], None], who: TenantQuery, filters: Mapping[str, Filter]
) -> ApiCall[None]:
    """Read all exchanges, not only submits: a claim that fails lists what happened."""
    return ApiCall(judge, "GET", "/journal", query={"limit": 100_000, "bodies": False, **who, **filters})


def _expect(holds: bool, claim: str, page: JournalPageAnswer) -> None:
    __tracebackhide__ = True
    if not holds:
        raise AssertionError(f"{claim}; {_listed(page['exchanges'])}")


def _is_submit(entry: JournalEntryAnswer) -> bool:
    return entry["role"] == "submit"


def _listed(exchanges: Sequence[JournalEntryAnswer]) -> str:
    if not exchanges:
        return "nothing was asked of the server with this key"
    lines = [f"  ... and {len(exchanges) - SHOWN} before"] if len(exchanges) > SHOWN else []
    return "\n".join(["exchanges were:", *lines, *map(_line, exchanges[-SHOWN:])])


def _line(entry: JournalEntryAnswer) -> str:
    at = datetime.fromtimestamp(entry["at"] / 1000, UTC).isoformat(timespec="milliseconds")[11:23]
    about = (entry["role"], entry["job"] and f"job {entry['job']}", *entry["faults"], *entry["violations"])
    details = ", ".join(filter(None, about))
    request = f"{entry['method']} {entry['path']}"
    return f"  #{entry['number']}  {at}  {request}  {entry['shown_status']}  {details}".rstrip()
