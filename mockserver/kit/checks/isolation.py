"""Isolation: nobody is shown what another has submitted."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.kit.checks.base import Breach, check
from mockserver.kit.traffic import clauses
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History


def _foreign(call: Call, history: History) -> Iterator[Breach]:
    """Jobs in an answer that somebody else submitted; not judged where the record hides who asks."""
    caller = call.exchange.caller
    if not caller or call.operation is None:
        return
    for one in call.sightings:
        story = history.jobs.get(one.job or "")
        if story is not None and story.caller and story.caller != caller:
            clause = clauses.scheme(call.contract, call.operation)
            source = "" if clause else clauses.promised(call.contract, call.operation)
            actual = f"job {story.job}, which caller {story.caller} submitted, is shown to caller {caller}"
            yield Breach("only the caller's own", actual, clause, source, at=one.at, job=story.job)


@check("isolation.job", "A caller can neither read nor cancel another caller's job.")
def job(call: Call, history: History) -> Iterator[Breach]:
    """By id and by the client's own name for it."""
    if call.role in ("read", "cancel"):
        yield from _foreign(call, history)


@check("isolation.list", "A caller's list has no job of another caller.")
def listing(call: Call, history: History) -> Iterator[Breach]:
    """Each entry counts."""
    if call.role == "list":
        yield from _foreign(call, history)
