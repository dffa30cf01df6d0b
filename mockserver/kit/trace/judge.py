"""Judges recorded traffic by the same checks as live traffic."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.checks.base import run_checks
from mockserver.kit.findings.finding_log import unjudged_lines, unlisted_notes
from mockserver.kit.findings.run import Run
from mockserver.kit.trace.choose import choose
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.time_limit import TimeLimit

TIME_LIMIT: Final = 600.0
"""Seconds of a run. A recording of 20,000 exchanges takes half a minute."""


def check_trace(
    exchanges: Sequence[Exchange],
    contract: Contract,
    *,
    target: str,
    base: str = "",
    limit: TimeLimit | None = None,
) -> tuple[Run, History]:
    """What the checks find in the exchanges that belong to the contract, and their history.

    `target` names the record, `base` is a gateway's prefix. Raises SettingsError if no exchange belongs.
    """
    started = time.time()
    limit = limit or TimeLimit(TIME_LIMIT)
    chosen = choose(exchanges, contract, base, limit)
    if not chosen.exchanges and not limit.is_over:
        raise SettingsError(
            f"{target}: no exchange has a path of {contract.provider};"
            " behind a gateway, say its prefix with --base"
        )
    history = History(contract, base)
    findings = run_checks(history, _calls(history, chosen.exchanges, limit))
    notes = [chosen.note] if chosen.note else []
    run = Run(
        kind="check-trace",
        provider=contract.provider,
        profile=contract.profile,
        target=target,
        started=started,
        took=time.time() - started,
        calls=len(history.calls),
        jobs=sum(job.submit is not None for job in history.jobs.values()),
        findings=tuple(findings),
        not_judged=_not_judged(history, len(exchanges) - chosen.others.total(), limit),
        notes=(*notes, *unlisted_notes(history.unlisted)),
    )
    return run, history


def _calls(history: History, exchanges: Sequence[Exchange], limit: TimeLimit) -> Iterator[Call]:
    """The exchanges as calls, until the time is over."""
    for exchange in exchanges:
        if limit.is_over:
            return
        yield history.read(exchange)


def _not_judged(history: History, count: int, limit: TimeLimit) -> tuple[str, ...]:
    """What could not be judged of `count` exchanges, a line each."""
    reasons = unjudged_lines(history.not_judged, history.unlisted)
    missing = count - len(history.calls)
    if missing:
        reasons.append(f"{missing} of {count} exchanges: {limit.reason}")
    return tuple(reasons)
