"""What a client did, as a timeline of exchanges, and how its runs ended."""

from __future__ import annotations

from typing import Final

from mockserver.kit.conform.evidence import CaseExchange, ClientRun, Evidence
from mockserver.kit.conform.results.result import ClientRunSummary, TimelineStep

LINES: Final = 12
"""The most lines of a stream in a result: of a longer stream, its first few and its last."""
FIRST: Final = 4
WIDTH: Final = 400
"""The most characters of such a line."""
STEPS: Final = 300
"""The most exchanges in a result: of more, the first half and the last half of this number."""


def timeline(evidence: Evidence) -> tuple[TimelineStep, ...]:
    """The exchanges, the earliest first."""
    steps = tuple(_step(evidence, exchange) for exchange in evidence.exchanges)
    if len(steps) <= STEPS:
        return steps
    half = STEPS // 2
    return (*steps[:half], *steps[-half:])


def _step(evidence: Evidence, exchange: CaseExchange) -> TimelineStep:
    request = exchange.call.exchange
    return TimelineStep(
        number=exchange.number,
        at=round(max(0.0, evidence.since_start(exchange)), 3),
        took=round(request.took, 3),
        role=exchange.role or "",
        method=request.method,
        path=request.path,
        status=request.status,
        state=exchange.state or "",
        job=exchange.job or "",
        faults=exchange.faults,
        heard=exchange.heard,
        note="; ".join(exchange.violations)[:300],
    )


def summarize(run: ClientRun) -> ClientRunSummary:
    """A run with its output, without the middle where it is long."""
    return ClientRunSummary(
        run.ending, run.exit_code, round(run.seconds, 3), _ends(run.stdout), _ends(run.stderr), _stayed(run)
    )


def _stayed(run: ClientRun) -> str:
    """What to say of processes that had left the client's process group; empty if none had."""
    if run.left:
        return "a process that has left the client's process group still runs and holds its output"
    if run.escaped:
        return f"processes that had left the client's process group were ended: {run.escaped}"
    return ""


def _ends(text: str) -> str:
    # Some languages name the error in the first lines of a traceback, others in the last.
    lines = [line[:WIDTH] for line in text.splitlines() if line.strip()]
    if len(lines) > LINES:
        lines = [*lines[:FIRST], "...", *lines[FIRST + 1 - LINES :]]
    return "\n".join(lines)
