"""What a check is, and how one is written.

@check("lifecycle.forward", "A job never goes back to a state it has left.")
def forward(call: Call, history: History) -> Iterator[Breach]:
    ...
    yield Breach(expected="...", actual="...", source=word.provenance)
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.violation import cite, provenance_at
from mockserver.kit.findings.finding import Finding, severity_of
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.curl import curl
from mockserver.kit.traffic.history import History

_FRAME: Final = frozenset({"base"})


@dataclass(frozen=True, slots=True)
class Breach:
    """What a check saw.

    `clause` is a JSON pointer into the bundled contract, from which the source is taken unless `source`
    (an x-provenance) is given; `at` a pointer into the answer's body, or into what was sent where the check
    is about that. `call` is the one that shows it,
    if not the one examined.
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
    """A rule: `id` is `family.name`; `examine` sees each call before it joins the history, `conclude` the
    whole history at its end."""

    id: str
    requirement: str
    examine: Examine | None = None
    conclude: Conclude | None = None

    @property
    def family(self) -> str:
        """The file it is in."""
        return self.id.partition(".")[0]


def check(name: str, requirement: str) -> Callable[[Examine], Check]:
    """Make a function a check that sees every call once."""
    return lambda function: Check(name, requirement, examine=function)


def closing_check(name: str, requirement: str) -> Callable[[Conclude], Check]:
    """Make a function a check that sees the history when it is over."""
    return lambda function: Check(name, requirement, conclude=function)


@cache
def checks() -> tuple[Check, ...]:
    """Every check there is, by family."""
    package = __package__ or ""
    names = [found.name for found in pkgutil.iter_modules(import_module(package).__path__)]
    return tuple(
        value
        for name in names
        if name not in _FRAME
        for value in vars(import_module(f"{package}.{name}")).values()
        if isinstance(value, Check)
    )


def examine(call: Call, history: History, chosen: Sequence[Check] | None = None) -> list[Finding]:
    """What the checks find in one more call; the history does not have it yet."""
    found = []
    for one in checks() if chosen is None else chosen:
        if one.examine is not None:
            found += [_finding(one, breach, breach.call or call) for breach in one.examine(call, history)]
    return found


def conclude(history: History, chosen: Sequence[Check] | None = None) -> list[Finding]:
    """What the checks find in a history that is over."""
    found = []
    for one in checks() if chosen is None else chosen:
        if one.conclude is not None and history.calls:
            found += [
                _finding(one, breach, breach.call or history.calls[-1]) for breach in one.conclude(history)
            ]
    return found


def judge(history: History, calls: Iterator[Call] | Sequence[Call]) -> list[Finding]:
    """Every finding in calls that are added to the history one after the other."""
    found = []
    for call in calls:
        found += examine(call, history)
        history.add(call)
    return found + conclude(history)


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
        curl=curl(call.exchange, call.contract),
    )


def source_of(contract: Contract, clause: str) -> str:
    """The x-provenance of a place in the bundled contract, or of the nearest around it."""
    return provenance_at(contract.document, pointer.parts(clause)) if clause else ""
