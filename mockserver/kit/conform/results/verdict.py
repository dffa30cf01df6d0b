"""Verdicts: what breaches amount to, and which of them the baseline case shows too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, NamedTuple

from mockserver.kit.conform.case import PLAIN, Case, Outcome
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, Level, NothingToJudge, judges
from mockserver.kit.conform.results.result import VERDICTS, CaseBreach, Result, Verdict

_OUTCOME_JUDGES: Final[dict[Outcome, str]] = {
    "delivers": "delivers", "gives-up": "gives-up", "either": "true-to-outcome", "any": "",
}  # fmt: skip
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
    outcome = _OUTCOME_JUDGES[case.outcome]
    if outcome and outcome not in {demand.judge for demand in demands}:
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
    for breach in _judged(demand, evidence):
        yield CaseBreach(
            judge=judge.name,
            rule=judge.rule,
            level=demand.level,
            expected=breach.expected,
            actual=breach.actual,
            exchanges=breach.exchanges,
            general=demand.general,
        )


def _judged(demand: _Demand, evidence: Evidence) -> list[JudgeBreach]:
    with suppress(NothingToJudge):
        return judges()[demand.judge].judge(evidence, demand.settings)
    return []


def why_not_judged(case: Case, evidence: Evidence) -> str:
    """Why a judge whose demand the case makes had nothing to judge; empty if each had something.

    What a case demands less strictly than itself is not what it is about.
    """
    for judged in case.judged:
        if judged.level in (None, case.level):
            try:
                judges()[judged.judge].judge(evidence, judged.settings)
            except NothingToJudge as reason:
                return str(reason)
    return ""


def verdict_of(breaches: Iterable[CaseBreach]) -> Verdict:
    """The verdict that the worst breach deserves; `pass` if there is none."""
    verdicts = {"remark" if breach.in_baseline else _OF_LEVEL[breach.level] for breach in breaches}
    return next((verdict for verdict in VERDICTS if verdict in verdicts), "pass")


def with_verdict(result: Result) -> Result:
    """The result with the verdict that its breaches deserve.

    Its level is the case's, but MUST where a MUST inside is broken: what says FAIL is no SHOULD.
    """
    verdict = verdict_of(result.breaches)
    level: Level = "MUST" if verdict == "fail" else result.case.demands
    return replace(result, verdict=verdict, case=replace(result.case, level=level))


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
    return with_verdict(replace(result, breaches=breaches))
