"""What all reports say alike, word for word and at each limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.kit.findings.account import AccountRow
from mockserver.kit.findings.run import CoveragePart, KnownFailureOutcome, Run
from mockserver.kit.report import formatting
from mockserver.kit.report.lines import locate
from mockserver.numerals import plural
from tests.kit.report.runs import CLEAN, DRIFT, FULL, KNOWN, UNSEEN, WORD

STALE = KnownFailureOutcome("a *", "why", None, "expired")


@pytest.mark.parametrize(
    ("count", "jobs", "entries", "several", "cut"),
    [
        (0, "0 jobs", "0 entries", "", ""),
        (1, "1 job", "1 entry", "", " and 1 more"),
        (2, "2 jobs", "2 entries", " (2)", " and 2 more"),
    ],
)
def test_a_count_is_told_with_its_noun(count: int, jobs: str, entries: str, several: str, cut: str) -> None:
    assert plural(count, "job") == jobs
    assert plural(count, "entry", "entries") == entries
    assert formatting.total(count) == several
    assert formatting.and_more(count) == cut


@pytest.mark.parametrize(
    ("run", "counts", "verdict"),
    [
        (CLEAN, "0 failures, 0 warnings, 0 notes", "PASSED: {}"),
        (
            replace(CLEAN, not_judged=("a",)),
            "0 failures, 0 warnings, 0 notes",
            "INCOMPLETE: {}; something could not be judged",
        ),
        (replace(CLEAN, findings=(WORD, WORD)), "2 failures, 0 warnings, 0 notes", "FAILED: {}"),
        (
            replace(CLEAN, findings=(WORD,), not_judged=("a",)),
            "1 failure, 0 warnings, 0 notes",
            "FAILED: {}; something could not be judged",
        ),
        (replace(CLEAN, excused=(KNOWN, KNOWN)), "0 failures, 0 warnings, 0 notes, 2 known", "PASSED: {}"),
        (
            replace(CLEAN, known=(STALE, STALE)),
            "0 failures, 0 warnings, 0 notes, 2 stale known entries",
            "FAILED: {}",
        ),
    ],
)
def test_a_verdict_has_its_counts(run: Run, counts: str, verdict: str) -> None:
    assert formatting.counts(run) == counts
    assert formatting.verdict(run) == verdict.format(counts)


def test_what_was_judged_and_how_much_work_it_was() -> None:
    row = AccountRow("job", "", "read", "200", 3, 2, {}, {"why": 1})
    assert formatting.judged(replace(CLEAN, account=(row, row))) == "4 of 6 calls judged"
    assert (
        formatting.judged(replace(CLEAN, account=(replace(row, calls=1, judged=0),))) == "0 of 1 call judged"
    )
    assert formatting.work(FULL) == "42 calls, 1 job in 12.3 s"
    assert formatting.subject(FULL) == f"{FULL.target} by gmicloud, profile documented, seed 3"
    assert formatting.subject(replace(FULL, seed=0)).endswith(", seed 0")
    assert formatting.subject(replace(FULL, seed=None)).endswith("profile documented")
    assert formatting.day_and_time(0) == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [("", []), ("ab", ["a", "b"]), ("abc", ["a", "b", "and 1 more; --json has them all"])],
)
def test_of_what_was_not_judged_the_first_lines_are_shown(lines: str, shown: list[str]) -> None:
    assert formatting.unjudged(replace(CLEAN, not_judged=tuple(lines)), 2) == shown


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "submitRequest at /status, exchange 7, job job-1"),
        ({"operation": None, "pointer": "", "job": None}, "a request, exchange 7"),
        ({"pointer": ""}, "submitRequest, exchange 7, job job-1"),
        ({"job": None}, "submitRequest at /status, exchange 7"),
    ],
)
def test_a_place_is_as_near_as_is_known(changes: dict[str, Any], text: str) -> None:
    assert formatting.where(replace(WORD, **changes)) == text


def test_checks_stand_by_severity_and_then_as_they_came() -> None:
    warning = replace(WORD, severity="warning", check="b")
    note, other = replace(WORD, severity="note", check="a"), replace(WORD, check="c")
    groups = formatting.by_check([note, other, warning, WORD, other])
    assert [(severity, check, len(members)) for severity, check, members in groups] == [
        ("failure", "c", 2),
        ("failure", WORD.check, 1),
        ("warning", "b", 1),
        ("note", "a", 1),
    ]


def test_an_excuse_is_that_of_the_entry_that_holds() -> None:
    holds = KnownFailureOutcome("status.documented *", "their ticket", None, "failed as known")
    assert formatting.reason(replace(CLEAN, known=(STALE, holds)), KNOWN) == "their ticket"
    assert formatting.reason(replace(CLEAN, known=(replace(holds, outcome="expired"),)), KNOWN) == "known"
    assert formatting.reason(replace(CLEAN, known=(holds,)), WORD) == "known"


def test_drifts_are_told_each_and_fields_that_were_never_seen_together() -> None:
    assert formatting.drift_lines(CLEAN) == []
    unseen = [replace(UNSEEN, pointer=f"/{number}") for number in range(7)]
    hint = "--write-overlay FILE writes what the contract lacks as an overlay"
    assert formatting.drift_lines(replace(CLEAN, drifts=(DRIFT,))) == [DRIFT.sentence, hint]
    assert formatting.drift_lines(replace(CLEAN, drifts=(unseen[0],))) == [
        "never seen: 1 field: readRequest /0"
    ]
    text = (
        "never seen: 7 fields: " + ", ".join(f"readRequest /{number}" for number in range(5)) + " and 2 more"
    )
    assert formatting.drift_lines(replace(CLEAN, drifts=(*unseen, DRIFT))) == [DRIFT.sentence, text, hint]


def test_gaps_of_the_coverage_stand_by_what_matters_most_and_are_cut() -> None:
    names = tuple("abcdefg")
    parts = (
        CoveragePart("other", (), names[:5]),
        CoveragePart("keywords", (), names[:1]),
        CoveragePart("steps", names, ()),
        CoveragePart("operations", (), names),
    )
    assert formatting.unexercised(parts) == [
        ("operations", list("abcde"), 2),
        ("keywords", ["a"], 0),
        ("other", list("abcde"), 0),
    ]


@pytest.mark.parametrize(
    ("exercised", "missing", "text"),
    [
        (5, 1, "83 % (5 of 6)"),
        (999, 1, "99 % (999 of 1000)"),
        (0, 0, "100 % (0 of 0)"),
        (0, 2, "0 % (0 of 2)"),
    ],
)
def test_a_share_is_never_rounded_up(exercised: int, missing: int, text: str) -> None:
    assert formatting.share(CoveragePart("a", ("x",) * exercised, ("y",) * missing)) == text


def test_no_user_and_password_are_shown_and_what_follows_an_address_stays() -> None:
    curl = 'curl https://user:secret@host/a -d \'{"url": "https://u:p@other/"}\''
    finding = replace(WORD, curl=curl)
    run = formatting.public(
        replace(FULL, target="http://u:p@host/api", findings=(finding,), excused=(finding,))
    )
    shown = 'curl https://host/a -d \'{"url": "https://u:p@other/"}\''
    assert run.target == "http://host/api"
    assert [each.curl for each in (*run.findings, *run.excused)] == [shown, shown]


TEXT = '\n{"a": [1,\n  {"b": 2, "a": {}}\n ],\n "c": "x{", "a": [7, [8, 9], 10]}'


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ((), (2, 1, 0)),
        (("c",), (5, 2, 1)),
        (("a",), (5, 13, 1)),
        (("a", "0"), (5, 19, 2)),
        (("a", "1", "1"), (5, 26, 3)),
        (("a", "2"), (5, 30, 2)),
        (("a", "3"), (5, 13, 1)),
        (("a", "x"), (5, 13, 1)),
        (("a", "0", "z"), (5, 19, 2)),
        (("d", "a"), (2, 1, 0)),
    ],
)
def test_a_value_is_located_or_else_what_is_around_it(
    path: tuple[str, ...], position: tuple[int, ...]
) -> None:
    assert locate(TEXT, path) == position
