"""What a run did not judge, read from its account: each place, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from mockserver.kit.findings.account import NO_OPERATION, Account, Gap, by_operation
from mockserver.kit.verify.context import Context
from mockserver.numerals import plural

_EACH_COUNTS: Final = frozenset({"access", "listing", "refusals"})
"""Stages in which every call asks something else, so that none is there twice."""


def gaps(context: Context, *, every_stage: bool) -> list[Gap]:
    """What was not judged; with `every_stage` also operations that no stage called."""
    account = context.target.account
    missing = [*context.gaps, *_unanswered(account, set(context.target.not_judged))]
    if every_stage:
        missing += _never_called(context)
    if not missing and not context.target.not_judged and not any(row.judged for row in account.rows()):
        missing.append(Gap("the run", "no answer could be judged"))
    return missing


def _unanswered(account: Account, counted: Iterable[str]) -> Iterator[Gap]:
    """Questions without an answer that judges them. Reasons that are `counted` elsewhere come there."""
    sums = by_operation(account.rows())
    for (stage, operation), reasons in _by_operation(account).items():
        calls, judged = sums.get((stage, operation), (0, 0))
        if operation == NO_OPERATION or (judged and stage not in _EACH_COUNTS):
            continue
        for reason, count in reasons.items():
            if not any(reason in line for line in counted):
                yield Gap(f"{stage}: {count} of {plural(calls, 'call')} of {operation}", reason)


def _by_operation(account: Account) -> dict[tuple[str, str], Counter[str]]:
    """The reasons of each stage and operation, whatever the phase."""
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for (stage, _, operation), counts in account.missed.items():
        reasons.setdefault((stage, operation), Counter()).update(counts)
    return reasons


def _never_called(context: Context) -> Iterator[Gap]:
    called = {row.operation for row in context.target.account.rows()}
    for name in context.contract.operations:
        if name not in called:
            yield Gap(name, "no stage called it")
