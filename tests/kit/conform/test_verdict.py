"""Verdicts, what is known, the document, the text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.errors import SettingsError
from mockserver.kit.conform.reports.json import read_matrices, report_schema
from mockserver.kit.conform.reports.json import render as to_json
from mockserver.kit.conform.reports.text import render
from mockserver.kit.conform.results.known import KnownCase, apply_known, read_known
from mockserver.kit.conform.results.result import (
    VERDICTS,
    CaseBreach,
    CaseSummary,
    ClientRunSummary,
    Matrix,
    Result,
    TimelineStep,
    Verdict,
    count,
    exit_code,
)
from mockserver.kit.conform.results.verdict import discount_baseline, judge_case, verdict_of
from tests.kit.conform.environments import case, evidence, fetch, read, submit

TODAY = date(2026, 6, 1)
MUST = CaseBreach("jobs-made", "One job.", "MUST", "1 job", "2 jobs", (1, 3), general=True)
SHOULD = CaseBreach("quiet-after-end", "Quiet.", "SHOULD", "no polls", "2 polls", (5,), general=True)
MAY = CaseBreach("tells", "Says it.", "MAY", "a word", "nothing")
WELL = (submit(), read(0.2), read(0.4, "success"), fetch(0.5))
TWO = ({"id": "a", "phase": "running"}, {"id": "b", "phase": "running"})


def result(name: str = "poll-something", *breaches: CaseBreach, **more: Any) -> Result:
    """A result with the verdict that its breaches deserve."""
    case = CaseSummary(
        name, name.partition("-")[0], "Something", "MUST", "It goes well.", "It matters.", "work", "ASSUMED",
        "Do it well.",
    )  # fmt: skip
    return replace(Result(case, "gmicloud", verdict_of(breaches), breaches=breaches), **more)


def matrix(*results: Result, **more: Any) -> Matrix:
    """A run that came to these results."""
    plain = Matrix("my client", ("my", "client"), "gmicloud", "documented", 0, 0.05, 0.0, 1.0, "1", results)
    return replace(plain, counts=count(results), **more)


@pytest.mark.parametrize(
    ("breaches", "expected"),
    [
        ((), "pass"),
        ((MAY,), "remark"),
        ((SHOULD, MAY), "weak"),
        ((MAY, MUST, SHOULD), "fail"),
        ((replace(MUST, in_baseline=True),), "remark"),
    ],
)
def test_the_worst_breach_is_the_verdict(breaches: tuple[CaseBreach, ...], expected: Verdict) -> None:
    assert verdict_of(breaches) == expected


def test_the_outcome_is_judged_first_then_the_case_then_what_holds_always() -> None:
    judged = case(judged=[{"judge": "tells", "settings": {"pattern": "x"}, "level": "MAY"}])
    found = judge_case(judged, evidence(*WELL, jobs=TWO, outputs=(None,)))
    assert [(breach.judge, breach.level, breach.general) for breach in found] == [
        ("delivers", "MUST", False),
        ("tells", "MAY", False),
        ("jobs-made", "MUST", True),
    ]


def test_a_case_replaces_or_leaves_out_a_universal_judge() -> None:
    listed = case(judged=[{"judge": "jobs-made", "settings": {"most": 2}}])
    assert judge_case(listed, evidence(*WELL, jobs=TWO)) == []
    assert judge_case(case(without=["jobs-made"]), evidence(*WELL, jobs=TWO)) == []


def test_what_is_wrong_in_the_baseline_too_is_a_remark_elsewhere() -> None:
    plain = result("request-plain", MUST)
    other, untouched = result("poll-a", MUST), result("poll-b", replace(MUST, general=False))
    settled = discount_baseline([other, plain, untouched])
    assert [one.verdict for one in settled] == ["remark", "fail", "fail"]
    assert [one.verdict for one in discount_baseline([other, result("request-plain")])] == ["fail", "pass"]
    assert [one.verdict for one in discount_baseline([other])] == ["fail"]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (("pass", "weak", "remark", "not applicable"), 0),
        (("pass", "fail", "could not run"), 1),
        (("pass", "could not run"), 3),
        ((), 0),
    ],
)
def test_exit_codes(verdicts: tuple[Verdict, ...], code: int) -> None:
    assert exit_code([matrix(*(result(verdict=verdict) for verdict in verdicts))]) == code


@pytest.mark.parametrize(
    ("entry", "outcome", "code"),
    [
        (KnownCase(case="poll-bad", reason="r"), "failed as known", 0),
        (KnownCase(case="poll-b*", reason="r", provider="gmicloud"), "failed as known", 0),
        (KnownCase(case="poll-bad", reason="r", expires=TODAY), "failed as known", 0),
        (KnownCase(case="poll-bad", reason="r", expires=date(2026, 5, 31)), "expired", 1),
        (KnownCase(case="poll-good", reason="r"), "passes unexpectedly", 1),
        (KnownCase(case="poll-unknown", reason="r"), "matches nothing", 1),
        (KnownCase(case="poll-left-out", reason="r"), "not run", 1),
    ],
)
def test_a_known_failure_is_excused_while_it_is_true(entry: KnownCase, outcome: str, code: int) -> None:
    run = matrix(result("poll-bad", MUST), result("poll-good"))
    known = apply_known(run, [entry], TODAY, ["poll-bad", "poll-good", "poll-left-out"])
    assert [one.outcome for one in known.known] == [outcome]
    assert known.exit_code == code


def test_an_entry_about_another_provider_is_none_of_this_run() -> None:
    other = KnownCase(case="*", reason="r", provider="kkiai")
    known = apply_known(matrix(result("poll-bad", MUST)), [other], TODAY, [])
    assert (known.known, known.exit_code) == ((), 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("{}", "known"),
        ('{"known": [{"case": "x"}]}', "reason"),
        ('{"known": [{"case": "x", "reason": " "}]}', "reason"),
        ('{"known": [{"case": "x", "reason": "r", "expires": "soon"}]}', "expires"),
        ('{"known": [{"case": "x", "reason": "r", "until": 1}]}', "until"),
    ],
)
def test_a_file_of_known_failures_that_makes_no_sense(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "known.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match=said):
        read_known(file)


def full() -> Matrix:
    """One of everything."""
    step = TimelineStep(
        1, 0.1, 0.0, "submit", "POST", "/requests", 200, "queued", "j", ("lost-answer",), heard=False
    )
    run = ClientRunSummary("exited", 1, 0.5, "out", "err")
    bad = result("submit-bad", MUST, steps=(step,), runs=(run,), changes=("a is absent",), reproduce="again")
    return matrix(bad, result(), result("poll-x", verdict="could not run", reason="no such program"))


def test_the_document_is_read_back_as_it_was_and_keeps_its_schema(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(to_json([full()]))
    assert read_matrices(file) == (full(),)
    Draft202012Validator(report_schema()).validate(json.loads(file.read_text()))


def test_another_file_is_not_read_as_a_document(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text('{"matrices": [{}]}')
    with pytest.raises(SettingsError, match="is not a report of conform: matrices"):
        read_matrices(file)


def test_the_text_has_all_that_is_needed_to_understand_and_repeat() -> None:
    told = render(full())
    for part in (
        "FAIL  submit-bad", "expected", "1 job", "2 jobs", "exchange #1, #3", "It matters.", "Do it well.",
        "ASSUMED", "a is absent", "lost-answer", "no answer arrived", "exit code 1", "| out", "| err",
        "again", "COULD NOT RUN  poll-x", "no such program",
        "3 cases in 1.0 s: 1 could not run, 1 fail, 1 pass",
    ):  # fmt: skip
        assert part in told
    assert "poll-something" not in told
    assert "poll-something" in render(full(), trace=True)


def test_what_is_no_news_takes_one_line() -> None:
    ever = replace(MUST, in_baseline=True)
    told = render(matrix(result("request-plain", MUST), result("poll-a", ever), result("poll-b", ever, MAY)))
    assert "passed but for what is wrong in the baseline case too (jobs-made): poll-a\n" in told
    assert "REMARK  poll-b" in told


def test_a_long_run_says_why_it_was_long() -> None:
    slow = matrix(result("poll-slow", seconds=50.0), took=90.0)
    assert "poll-slow 50.0 s" in render(slow)
    assert "poll-slow" not in render(matrix(result("poll-slow", seconds=50.0)))


def test_shades_are_counted_by_name() -> None:
    assert full().counts == {**dict.fromkeys(VERDICTS, 0), "fail": 1, "pass": 1, "could not run": 1}
