"""Isolation: no caller sees another caller's jobs."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.checks.base import Breach, check
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History


def _foreign(call: Call, history: History) -> Iterator[Breach]:
    """Jobs in an answer that another caller submitted; nothing if the record hides the caller."""
    caller = call.exchange.caller
    if not caller or call.operation is None:
        return
    for sighting in call.sightings:
        owned = history.jobs.get(sighting.job_id or "")
        if owned is not None and owned.caller and owned.caller != caller:
            clause, source = contract_locations.scheme(call.contract, call.operation), ""
            if not clause:
                source = contract_locations.provenance(call.contract, call.operation)
            actual = f"job {owned.job_id}, which caller {owned.caller} submitted, is shown to caller {caller}"
            expected, at = "only the caller's own", sighting.pointer
            yield Breach(expected, actual, clause, source, at=at, job=owned.job_id)


@check("isolation.job", "A caller can neither read nor cancel another caller's job.")
def job(call: Call, history: History) -> Iterator[Breach]:
    """Neither by its id nor by the client's own name for it."""
    if call.role in ("read", "cancel"):
        yield from _foreign(call, history)


@check("isolation.list", "A caller's list has no job of another caller.")
def listing(call: Call, history: History) -> Iterator[Breach]:
    """One breach for each such job."""
    if call.role == "list":
        yield from _foreign(call, history)
