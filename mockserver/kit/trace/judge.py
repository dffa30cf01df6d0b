"""Judges recorded traffic by the same checks as live traffic."""

from __future__ import annotations

import time
from collections.abc import Sequence

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.checks.base import run_checks
from mockserver.kit.findings.run import Run
from mockserver.kit.trace.choose import choose
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History


def check_trace(
    exchanges: Sequence[Exchange], contract: Contract, *, target: str, base: str = ""
) -> tuple[Run, History]:
    """What the checks find in the exchanges that belong to the contract, and their history.

    `target` names the record, `base` is a gateway's prefix. Raises SettingsError if no exchange belongs.
    """
    started = time.time()
    chosen = choose(exchanges, contract, base)
    if not chosen.exchanges:
        raise SettingsError(
            f"{target}: no exchange has a path of {contract.provider};"
            " behind a gateway, say its prefix with --base"
        )
    history = History(contract, base)
    findings = run_checks(history, [history.read(exchange) for exchange in chosen.exchanges])
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
        notes=(chosen.note,) if chosen.note else (),
    )
    return run, history
