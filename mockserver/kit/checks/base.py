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

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.violation import Violation, brief, cite, provenance_at
from mockserver.kit.findings.finding import Finding, severity_of
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.curl import curl_command
from mockserver.kit.traffic.history import History


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
    """What the checks find in a call that is not yet in the history."""
    findings = []
    for rule in checks() if selected is None else selected:
        if rule.examine is not None:
            breaches = rule.examine(call, history)
            findings += [_finding(rule, breach, breach.call or call) for breach in breaches]
    return findings


def conclude(history: History, selected: Sequence[Check] | None = None) -> list[Finding]:
    """What the checks find in a complete history."""
    if not history.calls:
        return []
    findings = []
    for rule in checks() if selected is None else selected:
        if rule.conclude is not None:
            breaches = rule.conclude(history)
            findings += [_finding(rule, breach, breach.call or history.calls[-1]) for breach in breaches]
    return findings


def run_checks(history: History, calls: Iterable[Call]) -> list[Finding]:
    """Add the calls to the history in turn; return every finding about them."""
    findings = []
    for call in calls:
        findings += examine(call, history)
        history.add(call)
    return findings + conclude(history)


def _finding(rule: Check, breach: Breach, call: Call) -> Finding:
    source = breach.source or source_of(call.contract, breach.clause)
    return Finding(
        check=rule.id,
        severity=severity_of(source),
        requirement=rule.requirement,
        source=cite(source, call.contract.sources),
        expected=breach.expected,
        actual=breach.actual,
        exchange=call.number,
        provider=call.contract.provider,
        operation=call.operation.id if call.operation else None,
        job=breach.job,
        pointer=breach.at,
        clause=breach.clause,
        curl=curl_command(call.exchange, call.contract),
    )


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
