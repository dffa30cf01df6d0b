"""A finding's severity, place and sentence; the bounds of what a run lists; the verdict of a run."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.findings.finding import SEVERITIES, Severity, severity_of
from mockserver.kit.findings.finding_log import (
    MAX_AT_PLACE,
    MAX_FINDINGS,
    MAX_OF_JOB,
    OVERFLOW,
    FindingLog,
    unjudged_lines,
    unlisted_notes,
)
from mockserver.kit.findings.run import INCOMPLETE, CoveragePart, KnownFailureOutcome, KnownOutcome
from tests.kit.report.runs import CLEAN, WORD

OUTCOMES: tuple[KnownOutcome, ...] = ("failed as known", "passes unexpectedly", "matches nothing", "expired")
README = Path(__file__).parents[3] / "mockserver/kit/verify/README.md"


@pytest.mark.parametrize(
    ("source", "severity"),
    [
        ("DOCUMENTED the page: OBSERVED", "failure"),
        ("DOCUMENTED", "failure"),
        ("VENDOR a sheet", "failure"),
        ("OBSERVED a ticket", "warning"),
        ("THIRD-PARTY RFC 9110", "warning"),
        ("ASSUMED DOCUMENTED", "note"),
        ("documented the page", "note"),
        ("", "note"),
    ],
)
def test_the_first_word_of_a_source_says_how_severe_it_is(source: str, severity: str) -> None:
    assert severity_of(source) == severity


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", "/"),
        ("/status", "/status"),
        ("/data/0/url", "/data/*/url"),
        ("/data/0/1", "/data/*/*"),
        ("/12", "/*"),
        ("/4k/v2/a1", "/4k/v2/a1"),
    ],
)
@pytest.mark.parametrize("operation", [None, "readRequest"])
def test_a_fingerprint_is_check_operation_and_place(operation: str | None, pointer: str, place: str) -> None:
    finding = replace(WORD, operation=operation, pointer=pointer)
    assert finding.fingerprint == f"{WORD.check} {operation or '-'} {place}"


def test_a_sentence_says_where_if_it_is_somewhere() -> None:
    end = '"created"; expected one of queued, processing, success'
    assert WORD.sentence == f"lifecycle.word: submitRequest at /status: {end}"
    assert replace(WORD, operation=None, pointer="").sentence == f"lifecycle.word: request: {end}"


def test_one_job_one_place_and_all_together_have_their_bounds() -> None:
    log = FindingLog()
    log.add([WORD] * (MAX_OF_JOB + 2))
    assert len(log.findings) == MAX_OF_JOB
    assert log.unlisted == {WORD.fingerprint: 2}
    log.add(replace(WORD, job=f"job {index}") for index in range(MAX_AT_PLACE))
    assert len(log.findings) == MAX_AT_PLACE
    assert log.unlisted == {WORD.fingerprint: 2 + MAX_OF_JOB}


def test_a_full_log_counts_places_that_it_lists_by_name_and_others_together() -> None:
    log = FindingLog(Counter({"before": 1}))
    log.add(replace(WORD, pointer=f"/field-{index}") for index in range(MAX_FINDINGS - 1))
    log.add([WORD, WORD, replace(WORD, pointer="/other"), replace(WORD, pointer="/more")])
    assert len(log.findings) == MAX_FINDINGS
    assert log.findings[-1] == WORD
    assert log.unlisted == {"before": 1, WORD.fingerprint: 1, OVERFLOW: 2}


def test_room_is_for_each_place_and_job_apart() -> None:
    log = FindingLog()
    log.add([WORD] * MAX_OF_JOB)
    assert not log.has_room(WORD.fingerprint, WORD.job)
    assert log.has_room(WORD.fingerprint, "another")
    assert log.has_room("another place", WORD.job)
    assert log.unlisted == {WORD.fingerprint: 1}


def test_the_bounds_are_those_of_the_documents() -> None:
    row = re.search(r"\| (\d+) for a job, (\d+) for a place, ([\d,]+) in all \|", README.read_text())
    assert row is not None
    assert [int(number.replace(",", "")) for number in row.groups()] == [
        MAX_OF_JOB,
        MAX_AT_PLACE,
        MAX_FINDINGS,
    ]


def test_what_is_not_listed_is_told_the_most_first() -> None:
    assert unlisted_notes(Counter({"a": 2, "b": 1234})) == [
        "b: and 1,234 more that are not listed",
        "a: and 2 more that are not listed",
    ]


@pytest.mark.parametrize("beyond", [0, 1, 5])
def test_what_was_not_judged_has_a_line_each(beyond: int) -> None:
    lines = unjudged_lines(Counter({"cut off": 1, "no body": 2}), Counter({"a place": 9, OVERFLOW: beyond}))
    assert lines[:2] == ["cut off", "no body (2 times)"]
    assert len(lines) == 2 + bool(beyond)
    assert all(f"{MAX_FINDINGS}" in line for line in lines[2:])


@given(
    st.lists(st.sampled_from(SEVERITIES), max_size=4),
    st.lists(st.sampled_from(OUTCOMES), max_size=3),
    st.booleans(),
)
def test_a_verdict_is_failed_else_incomplete_else_passed(
    severities: list[Severity], outcomes: list[KnownOutcome], judged: bool
) -> None:
    known = tuple(KnownFailureOutcome("a *", "why", None, outcome) for outcome in outcomes)
    findings = tuple(replace(WORD, severity=severity) for severity in severities)
    run = replace(CLEAN, findings=findings, known=known, not_judged=() if judged else ("a line",))
    failed = "failure" in severities or any(outcome != "failed as known" for outcome in outcomes)
    assert (run.failed, run.incomplete) == (failed, not failed and not judged)
    assert run.exit_code == (1 if failed else {True: 0, False: INCOMPLETE}[judged])
    assert [run.count(severity) for severity in SEVERITIES] == [severities.count(name) for name in SEVERITIES]


@pytest.mark.parametrize(
    ("exercised", "missing", "percent"), [(0, 0, 100.0), (0, 1, 0.0), (1, 0, 100.0), (1, 3, 25.0)]
)
def test_coverage_is_the_share_that_was_exercised(exercised: int, missing: int, percent: float) -> None:
    assert CoveragePart("a", ("x",) * exercised, ("y",) * missing).percent == percent
