"""Requests that may be refused though they keep to the contract: what they name is not so, or not there."""

from __future__ import annotations

from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History

_OF_A_STATE = frozenset({"cancel", "content", "delete"})


def may_be_early(call: Call) -> bool:
    """Whether the answer may say that the job is not in the state for it, whatever else has that status."""
    if call.operation is None or call.role not in _OF_A_STATE:
        return False
    conflict = call.operation.answers.get("conflict")
    same_status = conflict is not None and conflict.status == call.exchange.status
    return same_status and not any(call.mismatches("conflict"))


def names_no_job_before(call: Call, history: History) -> bool:
    """Whether a list is to go on behind a job that nobody has submitted here."""
    cursor = None if call.operation is None else call.operation.page.cursor
    if cursor is None:
        return False
    named = call.parameters.get("query", {}).get(cursor)
    return named is not None and str(named) not in history.jobs
