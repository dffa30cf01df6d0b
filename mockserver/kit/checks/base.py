"""What a check is, and how one is written.

@check("lifecycle.forward", "A job never goes back to an earlier state.")
def forward(call: Call, history: History) -> Iterator[Breach]:
    ...
    yield Breach(expected="...", actual="...", source=word.provenance)
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.violation import Violation, brief, cite, provenance_at
from mockserver.kit.findings.finding import Finding, place_of, severity_of
from mockserver.kit.findings.finding_log import FindingLog
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History

MAX_REASONS: Final = 50
"""Reasons for not judging that a report lists; a server can make up any number."""
_LONGEST: Final = 2000
"""Characters of a text of a finding."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A requirement that was not met: what was expected, and what was there instead.

    `clause` is a JSON pointer into the bundled contract. The source is read there, unless `source` (an
    x-provenance) is given. `at` is a JSON pointer into the answer's body, or into the request's body if the
    check is about that. `call` is the call that shows the breach, None for the examined one.
    """

    expected: str
    actual: str
    clause: str = ""
    source: str = ""
    at: str = ""
    job: str | None = None
    call: Call | None = None


Examine = Callable[[Call, History], Iterator[Breach]]
Conclude = Callable[[History], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement. `id` is `family.name`; `examine` sees each call before it joins the history,
    `conclude` sees the whole history at its end."""

    id: str
    requirement: str
    examine: Examine | None = None
    conclude: Conclude | None = None

    @property
    def family(self) -> str:
        """The first part of the id, which names the module."""
        return self.id.partition(".")[0]


def check(name: str, requirement: str) -> Callable[[Examine], Check]:
    """Turn a function into a check that sees every call once."""
    return lambda function: Check(name, requirement, examine=function)


def closing_check(name: str, requirement: str) -> Callable[[Conclude], Check]:
    """Turn a function into a check that sees the whole history at its end."""
    return lambda function: Check(name, requirement, conclude=function)


@cache
def checks() -> tuple[Check, ...]:
    """Every check of this package, by family."""
    package = __package__ or ""
    rules: list[Check] = []
    for info in pkgutil.iter_modules(import_module(package).__path__):
        module = import_module(f"{package}.{info.name}")
        rules += (value for value in vars(module).values() if isinstance(value, Check))
    return tuple(rules)


def examine(call: Call, history: History, selected: Sequence[Check] | None = None) -> list[Finding]:
    """What the checks find in a call that is not yet in the history.

    The history counts what could not be judged, and breaches beyond those that are listed.
    """
    if call.exchange.left_out:
        _note_unjudged(history, f"answers of {_name(call)}: {call.exchange.left_out.reason}")
    findings: list[Finding] = []
    for rule in checks() if selected is None else selected:
        if rule.examine is not None:
            findings += _findings(rule, rule.examine(call, history), call, history)
    return findings


def conclude(history: History, selected: Sequence[Check] | None = None) -> list[Finding]:
    """What the checks find in a complete history."""
    if not history.calls:
        return []
    findings = []
    for rule in checks() if selected is None else selected:
        if rule.conclude is not None:
            findings += _findings(rule, rule.conclude(history), history.calls[-1], history)
    return findings


def run_checks(history: History, calls: Iterable[Call]) -> list[Finding]:
    """Add the calls to the history in turn; return the findings about them."""
    log = FindingLog(history.unlisted)
    for call in calls:
        log.add(examine(call, history))
        history.add(call)
    log.add(conclude(history))
    return log.findings


def _findings(rule: Check, breaches: Iterable[Breach], call: Call, history: History) -> list[Finding]:
    """The findings of one check about one call. Trouble of the check itself is no finding."""
    log = None
    try:
        for breach in breaches:
            # Most checks find nothing in most calls, and a log for each would take longer than the check.
            log = log or FindingLog(history.unlisted)
            finding_call = breach.call or call
            place = place_of(rule.id, _operation(finding_call), breach.at)
            if log.has_room(place, breach.job):
                log.add([_finding(rule, breach, finding_call, history)])
    except Exception as error:  # what an answer can make of a check must not end the run
        _note_unjudged(history, f"{rule.id} of {_name(call)}: {type(error).__name__}: {error}"[:_LONGEST])
    return log.findings if log else []


def _note_unjudged(history: History, reason: str) -> None:
    """Count a reason, or all further ones as one where there are too many."""
    if len(history.not_judged) >= MAX_REASONS and reason not in history.not_judged:
        reason = "other answers, for other reasons"
    history.not_judged[reason] += 1


def _operation(call: Call) -> str | None:
    return call.operation.id if call.operation else None


def _name(call: Call) -> str:
    """The call in a few words."""
    return _operation(call) or f"{call.exchange.method} {call.exchange.path}"[:100]


def _cut(text: str) -> str:
    """The text in a length that a report can take: a server may make its words of any length."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def _finding(rule: Check, breach: Breach, call: Call, history: History) -> Finding:
    source = breach.source or source_of(call.contract, breach.clause)
    return Finding(
        check=rule.id,
        severity=severity_of(source),
        requirement=rule.requirement,
        source=cite(source, call.contract.sources),
        expected=_cut(breach.expected),
        actual=_cut(breach.actual),
        exchange=call.number,
        provider=call.contract.provider,
        operation=_operation(call),
        job=None if breach.job is None else _cut(breach.job),
        pointer=_cut(breach.at),
        clause=breach.clause,
        curl=_line(call, breach.job, history),
    )


def _line(call: Call, job_id: str | None, history: History) -> str:
    """The line that asks the same again; for a callback the one that submits such a job again."""
    if not call.exchange.callback:
        return history.keys.line(call.exchange)
    job = history.jobs.get(job_id or "")
    return "" if job is None or job.submit is None else history.keys.line(job.submit.exchange)


def source_of(contract: Contract, clause: str) -> str:
    """The x-provenance at a place in the bundled contract, or the nearest one around it."""
    if not clause:
        return ""
    return provenance_at(contract.document, pointer.parts(clause))


def describe(violation: Violation) -> str:
    """The `actual` of a breach that a schema found."""
    if violation.keyword == "required":
        return "is absent"
    return f"{brief(violation.sent)} {violation.problem}".strip()
