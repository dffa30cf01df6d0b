"""Verdicts: what breaches amount to, and which of them the baseline case shows too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from mockserver.kit.conform.case import PLAIN, Case
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import Level, judges
from mockserver.kit.conform.results.result import VERDICTS, CaseBreach, Result, Verdict

_OF_LEVEL: Final[dict[Level, Verdict]] = {"MUST": "fail", "SHOULD": "weak", "MAY": "remark"}


class _Demand(NamedTuple):
    """A judge as a case uses it."""

    judge: str
    level: Level
    settings: Mapping[str, Any] = {}
    general: bool = False


def judge_case(case: Case, evidence: Evidence) -> list[CaseBreach]:
    """The breaches: first of the outcome, then of what the case judges, then of the judges of every case."""
    return [breach for demand in _demands(case) for breach in _breaches(demand, evidence)]


def _demands(case: Case) -> list[_Demand]:
    demands = [_Demand(judged.judge, judged.level or case.level, judged.settings) for judged in case.judged]
    outcome = "true-to-outcome" if case.outcome == "either" else case.outcome
    if outcome not in {demand.judge for demand in demands}:
        demands.insert(0, _Demand(outcome, case.level))
    named = {*case.without, *(demand.judge for demand in demands)}
    general = [
        _Demand(judge.name, judge.always, general=True)
        for judge in judges().values()
        if judge.always and judge.name not in named
    ]
    return [*demands, *general]


def _breaches(demand: _Demand, evidence: Evidence) -> Iterator[CaseBreach]:
    judge = judges()[demand.judge]
    for breach in judge.judge(evidence, demand.settings):
        yield CaseBreach(
            judge=judge.name,
            rule=judge.rule,
            level=demand.level,
            expected=breach.expected,
            actual=breach.actual,
            exchanges=breach.exchanges,
            general=demand.general,
        )


def verdict_of(breaches: Iterable[CaseBreach]) -> Verdict:
    """The verdict that the worst breach deserves; `pass` if there is none."""
    verdicts = {"remark" if breach.in_baseline else _OF_LEVEL[breach.level] for breach in breaches}
    return next((verdict for verdict in VERDICTS if verdict in verdicts), "pass")


def discount_baseline(results: Sequence[Result]) -> list[Result]:
    """The results, with a mark at each breach of a general rule that the baseline case shows too.

    A marked breach is only a remark. So one cause makes one failure, and not one in every case.
    """
    baseline = next((result for result in results if result.case.id == PLAIN), None)
    if baseline is None:
        return list(results)
    broken = {breach.judge for breach in baseline.breaches if breach.general}
    return [result if result.case.id == PLAIN else _discounted(result, broken) for result in results]


def _discounted(result: Result, baseline: set[str]) -> Result:
    """The result, where `baseline` are the judges of the general rules broken in the baseline case."""
    if not any(breach.general and breach.judge in baseline for breach in result.breaches):
        return result
    breaches = tuple(
        replace(breach, in_baseline=breach.general and breach.judge in baseline) for breach in result.breaches
    )
    return replace(result, breaches=breaches, verdict=verdict_of(breaches))
