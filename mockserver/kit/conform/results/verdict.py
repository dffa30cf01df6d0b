"""Verdicts: what breaches amount to, and which of them are no news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from mockserver.kit.conform.case import PLAIN, Case
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import Level, judges
from mockserver.kit.conform.results.result import SHADES, CaseBreach, Result, Shade

_OF_LEVEL: Final[dict[Level, Shade]] = {"MUST": "fail", "SHOULD": "weak", "MAY": "remark"}


def judge_case(case: Case, seen: Evidence) -> list[CaseBreach]:
    """Every breach: of the outcome, of what the case judges, of what is judged always; in this order."""
    named = [(one.judge, one.settings, one.level or case.level, False) for one in case.judged]
    ends = "true-to-outcome" if case.outcome == "either" else case.outcome
    if ends not in {name for name, *_ in named}:
        named.insert(0, (ends, {}, case.level, False))
    listed = {name for name, *_ in named}
    named += [
        (one.name, {}, one.always, True)
        for one in judges().values()
        if one.always and one.name not in listed and one.name not in case.without
    ]
    found = []
    for name, settings, level, general in named:
        judge = judges()[name]
        found += [
            CaseBreach(name, judge.rule, level, one.expected, one.actual, one.exchanges, general)
            for one in judge.judge(seen, settings)
        ]
    return found


def shade(breaches: Iterable[CaseBreach]) -> Shade:
    """The worst of what was found; `pass` for nothing."""
    found = {"remark" if one.as_ever else _OF_LEVEL[one.level] for one in breaches}
    return next((one for one in SHADES if one in found), "pass")


def settle(results: Sequence[Result]) -> list[Result]:
    """Results in view of one another: what a client also gets wrong in plain weather is no news elsewhere.

    A breach of a rule for every case is only a remark where the plain case of the same run shows it too: one
    cause makes one red line, not seventy.
    """
    plain = next((one for one in results if one.case == PLAIN), None)
    ever = {one.judge for one in plain.breaches if one.general} if plain else set()
    return [one if one.case == PLAIN else _without_news(one, ever) for one in results]


def _without_news(result: Result, ever: set[str]) -> Result:
    if not any(one.general and one.judge in ever for one in result.breaches):
        return result
    breaches = tuple(replace(one, as_ever=one.general and one.judge in ever) for one in result.breaches)
    return replace(result, breaches=breaches, shade=shade(breaches))
