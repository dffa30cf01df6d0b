"""Judges recorded traffic by the same checks as live traffic."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.kit.checks.base import run_checks
from mockserver.kit.findings.finding_log import unlisted_notes
from mockserver.kit.findings.run import Run
from mockserver.kit.trace.choose import choose
from mockserver.kit.trace.completeness import ALL, RecordingAccount
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.time_limit import TimeLimit
from mockserver.numerals import plural

TIME_LIMIT: Final = 600.0
"""Seconds of a run. A recording of 20,000 exchanges takes half a minute."""


def check_trace(
    exchanges: Sequence[Exchange],
    contract: Contract,
    *,
    target: str,
    base: str = "",
    limit: TimeLimit | None = None,
    at_least: float = ALL,
    unread: Sequence[str] = (),
    host: str = "",
) -> tuple[Run, History]:
    """What the checks find in the exchanges that belong to the contract, and their history.

    `target` names the record, `base` is a gateway's prefix, `host` the one that is judged.
    `at_least` percent of the entries that have a
    body have to be judged, or the run is incomplete; each entry that could not be read, a line of `unread`,
    counts as one of them. Raises SettingsError if no exchange belongs.
    """
    started = time.time()
    limit = limit or TimeLimit(TIME_LIMIT)
    chosen = choose(exchanges, contract, base, limit, host)
    if not chosen.exchanges and not limit.is_over:
        raise SettingsError(
            f"{target}: no exchange has a path of {contract.provider};"
            " behind a gateway, say its prefix with --base"
        )
    history = History(contract, base)
    recording = RecordingAccount(unread)
    findings = run_checks(history, _calls(history, chosen.exchanges, limit, recording))
    missing, allowed = recording.lines(history, at_least)
    notes = [chosen.note] if chosen.note else []
    missing = [*filter(None, [chosen.doubt]), *missing]
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
        not_judged=(
            *filter(None, [chosen.doubt]),
            *missing,
            *_out_of_time(history, len(exchanges) - chosen.others.total(), limit),
        ),
        account=recording.account.rows(),
        notes=(*notes, *allowed, *unlisted_notes(history.unlisted)),
    )
    return run, history


def _calls(
    history: History, exchanges: Sequence[Exchange], limit: TimeLimit, recording: RecordingAccount
) -> Iterator[Call]:
    """The exchanges as calls, until the time is over."""
    for exchange in exchanges:
        if limit.is_over:
            return
        call = history.read(exchange)
        recording.enter(call, history)
        yield call


def _out_of_time(history: History, count: int, limit: TimeLimit) -> Iterator[str]:
    """What of `count` exchanges was not judged when the time was over."""
    missing = count - len(history.calls)
    if missing:
        yield f"{missing} of {plural(count, 'exchange')}: {limit.reason}"
