"""The JUnit report, read by a JUnit parser."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from mockserver.kit.checks.base import checks
from mockserver.kit.findings.run import Run
from mockserver.kit.report import render
from tests.kit.report.runs import CLEAN, FULL, HOSTILE, contract, hostile, runs


def _suites(run: Run) -> list[TestSuite]:
    return list(JUnitXml.fromstring(render(run, contract(), "junit").encode()))


def _cases(run: Run) -> dict[str, TestCase]:
    return {case.name: case for suite in _suites(run) for case in suite}


def test_every_check_is_a_test_case_whether_it_found_something_or_not() -> None:
    cases = _cases(CLEAN)
    assert set(cases) == {check.id for check in checks()}
    assert all(case.is_passed for case in cases.values())


def test_each_element_of_the_report_has_a_line_of_its_own() -> None:
    lines = render(CLEAN, contract(), "junit").splitlines()
    assert all(line.strip().startswith("<") for line in lines)
    assert sum("<testcase " in line for line in lines) == len(checks())
    assert not any(line.count("<testcase ") > 1 for line in lines)


def test_a_failure_has_all_that_is_needed_to_act_on_it() -> None:
    [result] = _cases(FULL)["lifecycle.word"].result
    assert isinstance(result, Failure)
    assert result.type == "lifecycle.word"
    assert '"created"' in result.message
    for said in (
        "expected: one of",
        "source: DOCUMENTED",
        "contract: schemas/status.json:",
        "again: curl",
        "step 2",
    ):
        assert said in result.text


def test_what_is_no_failure_fails_nothing_and_is_told() -> None:
    case = _cases(FULL)["envelope.type"]
    assert case.is_passed
    assert "severity: warning" in case.system_out


def test_a_known_failure_is_skipped_for_its_reason() -> None:
    [result] = _cases(FULL)["status.documented"].result
    assert isinstance(result, Skipped)
    assert result.message == "known: their ticket 12"


def test_a_stale_entry_fails() -> None:
    cases = _cases(FULL)
    assert isinstance(cases["lists.order *"].result[0], Failure)
    assert cases["status.documented *"].is_passed


def test_a_stage_that_was_left_out_is_skipped() -> None:
    cases = _cases(FULL)
    assert cases["job"].is_skipped
    assert cases["access"].is_passed


@given(runs())
def test_counts_are_true_and_the_report_fails_only_where_the_run_does(run: Run) -> None:
    text = JUnitXml.fromstring(render(run, contract(), "junit").encode())
    every = [case for suite in text for case in suite]
    failed = sum(any(isinstance(one, Failure) for one in case.result) for case in every)
    assert (text.tests, text.failures, text.errors) == (len(every), failed, len(run.not_judged))
    assert bool(failed) == run.failed
    for suite in text:
        assert suite.tests == len(list(suite))


def test_properties_say_how_it_was_judged() -> None:
    suite: Any = _suites(FULL)[0]
    properties = {one.name: one.value for one in suite.properties()}
    assert properties["profile"] == "documented"
    assert properties["seed"] == "3"
    assert properties["coverage.operations"] == "66 % (2 of 3)"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_text(text: str) -> None:
    families = {check.family for check in checks()}
    others = {"stages", "known failures", "not judged"}
    assert {suite.name for suite in _suites(hostile(text))} == families | others
