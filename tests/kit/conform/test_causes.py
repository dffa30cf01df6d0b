"""What to mend first: the baseline case, then what most cases have in common."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given

from mockserver.kit.conform.reports.render import FORMS, render
from mockserver.kit.conform.reports.text import render as to_text
from mockserver.kit.conform.results.causes import find_causes
from mockserver.kit.conform.results.comparison_table import client_label, tabulate
from mockserver.kit.conform.results.result import Matrix, Result, Verdict
from mockserver.kit.conform.results.score import FORMULA
from tests.kit.conform.matrices import CLEAN, FAILED, FULL, TWICE, altered, matrices, matrix, result

SILENT = (
    "the client made no request to MOCKSERVER_BASE_URL with its key: exit code 1 after 0.0 s, it says nothing"
)
LOST = replace(TWICE, judge="delivers", rule="It delivers.", expected="the clip", actual="exit code 2")


def failed(case: str, verdict: Verdict = "fail", **more: object) -> Result:
    """A result that does not deliver."""
    return altered(result(case, verdict, breaches=(LOST,)), **more)


def test_what_fails_where_nothing_goes_wrong_stands_first_with_what_fails_in_the_same_way() -> None:
    plain = failed("request-plain", advice="Get this case right first.")
    causes = find_causes([FAILED, failed("poll-a"), failed("result-b"), plain])
    assert causes[0].sentence.startswith("The client fails where nothing goes wrong")
    assert causes[0].sentence.endswith("expected the clip, but exit code 2. The same in 2 other cases.")
    assert causes[0].advice == "Get this case right first."
    assert [cause.cases for cause in causes] == [
        ("request-plain", "poll-a", "result-b"),
        ("submit-answer-lost",),
    ]


def test_what_a_case_is_about_is_a_cause_of_its_own_beside_the_baseline() -> None:
    alone = failed("request-plain")
    causes = find_causes([FAILED, alone])
    assert causes[0].sentence.endswith("expected the clip, but exit code 2.")
    assert [cause.cases for cause in causes] == [("request-plain",), ("submit-answer-lost",)]


def test_who_asks_for_nothing_has_one_cause() -> None:
    plain = result("request-plain", "could not run", reason=SILENT)
    rest = [
        result(f"poll-{n}", "could not run", reason=f"request-plain could not run: {SILENT}")
        for n in range(9)
    ]
    (cause,) = find_causes([plain, *rest])
    assert cause.sentence == f"No case could be judged: {SILENT}."
    told = to_text(matrix(plain, *rest))
    assert told.startswith("MEND  No case could be judged")
    assert told.count("COULD NOT RUN") == 2
    assert "poll-8" in told


def test_a_must_comes_before_a_should_and_a_should_before_what_could_not_run() -> None:
    cut = result("poll-c", "could not run", reason="it fetched no file")
    weak = failed("poll-b", "weak", level="SHOULD")
    assert [cause.cases[0] for cause in find_causes([cut, weak, FAILED])] == [
        "submit-answer-lost", "poll-b", "poll-c",
    ]  # fmt: skip
    assert find_causes(CLEAN.results) == ()


@given(matrices())
def test_whatever_is_to_mend_has_a_sentence_and_an_advice(run: Matrix) -> None:
    bad = [one for one in run.results if one.verdict in ("fail", "weak", "could not run")]
    causes = find_causes(run.results)
    assert bool(causes) == bool(bad)
    assert len(causes) <= 5
    assert {name for cause in causes for name in cause.cases} <= {one.case.id for one in bad}


@pytest.mark.parametrize("ending", [form for form in FORMS if form != ".svg"])
def test_in_every_report_the_cause_comes_first_and_the_formula_last(ending: str) -> None:
    told = render([FULL], ending)
    cause, formula = told.index("One job is made."), told.rindex(FORMULA[:20])
    assert cause < told.index("submit-answer-lost") < formula or ending == ".md"
    assert cause < told.index("Title of submit-answer-lost")
    assert told.rindex("Title of ") < formula or ending == ".xml"


def test_of_rows_those_to_mend_come_first() -> None:
    (name, rows), *others = tabulate([FULL]).sections
    assert (name, [row.worst for row in rows]) == ("to mend", ["fail", "fail", "weak", "could not run"])
    assert [name for name, _ in others] == ["request", "result", "callback"]
    assert [name for name, _ in tabulate([CLEAN]).sections] == ["request", "poll"]


def test_a_row_shows_the_strictest_level_of_its_runs() -> None:
    raised = result("poll-stuck", "fail", "MUST", case_level="SHOULD")
    (row,) = [
        row
        for row in tabulate([matrix(altered(raised, level="SHOULD", verdict="weak")), matrix(raised)]).rows
        if row.case.id == "poll-stuck"
    ]
    assert row.level == "MUST"


def test_a_run_that_could_not_judge_everything_is_neither_green_nor_red() -> None:
    cut = matrix(result("request-plain", "pass"), result("poll-c", "could not run", reason="no file"))
    assert cut.exit_code == 3
    assert render([cut], ".md").startswith("### ❔ ")
    assert "1 could not run" in render([cut], ".svg")


def test_of_what_could_not_run_the_musts_count_and_a_run_that_judged_nothing() -> None:
    unjudged = result("poll-c", "could not run", "SHOULD", reason="no file")
    assert matrix(result("request-plain", "pass"), unjudged).exit_code == 0
    assert matrix(unjudged).exit_code == 3
    assert matrix(unjudged, result("callback-x", "not applicable")).exit_code == 3
    assert matrix(FAILED, result("poll-d", "could not run")).exit_code == 1


def test_a_run_is_called_by_its_name() -> None:
    named = replace(FULL, name="Our uploader")
    assert client_label(named) == "Our uploader"
    assert "Our uploader with gmicloud" in render([named, CLEAN], ".md")
    assert json.loads(render([named], ".json"))["matrices"][0]["name"] == "Our uploader"
