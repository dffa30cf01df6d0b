"""What a client did, as a timeline of exchanges, and how its runs ended."""

from __future__ import annotations

from typing import Final

from mockserver.kit.conform.evidence import ClientRun, Evidence
from mockserver.kit.conform.results.result import ClientRunSummary, TimelineStep
from mockserver.kit.traffic.call import Call

LINES: Final = 12
"""Lines of each stream that a result keeps: of more, the first few and the last."""
FIRST: Final = 4
WIDTH: Final = 400
"""Characters of such a line."""
STEPS: Final = 300
"""Exchanges that a result keeps: of more, the first and the last half."""


def timeline(seen: Evidence) -> tuple[TimelineStep, ...]:
    """Every exchange, the earliest first."""
    steps = tuple(_step(seen, call) for call in seen.calls)
    half = STEPS // 2
    return steps if len(steps) <= STEPS else (*steps[:half], *steps[-half:])


def _step(seen: Evidence, call: Call) -> TimelineStep:
    exchange, note = call.exchange, seen.notes.get(call.number, {})
    return TimelineStep(
        number=call.number,
        at=round(max(0.0, seen.since_start(call)), 3),
        took=round(exchange.took, 3),
        role=seen.role(call) or "",
        method=exchange.method,
        path=exchange.path,
        status=exchange.status,
        state=seen.state(call) or "",
        job=seen.job_of(call) or "",
        faults=seen.faults(call),
        heard=seen.heard(call),
        note="; ".join(note.get("violations", ()))[:300],
    )


def shown(ran: ClientRun) -> ClientRunSummary:
    """A run with what it wrote, the middle left out."""
    return ClientRunSummary(
        ran.ending, ran.exit_code, round(ran.seconds, 3), _ends(ran.stdout), _ends(ran.stderr)
    )


def _ends(text: str) -> str:
    # An error's name is in the first lines of one language's dump, and in the last of another's.
    lines = [line[:WIDTH] for line in text.splitlines() if line.strip()]
    if len(lines) > LINES:
        lines = [*lines[:FIRST], "...", *lines[FIRST + 1 - LINES :]]
    return "\n".join(lines)
