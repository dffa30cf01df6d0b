"""A client that asks the provider for nothing is not judged, and what a case is about has to come about."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import pytest

from mockserver.kit.conform import Task
from mockserver.kit.conform.case import PLAIN, load_cases
from mockserver.kit.conform.results.result import CaseBreach, CaseSummary, Matrix, Result
from mockserver.kit.conform.results.score import score
from mockserver.kit.conform.results.verdict import discount_baseline, with_verdict
from mockserver.kit.conform.running.run_options import RunOptions
from mockserver.kit.findings.run import INCOMPLETE
from tests.kit.conform.conditions import CASES
from tests.kit.conform.environments import case, good, submitted
from tests.kit.conform.shared_servers import conform

PYTHON = sys.executable
ELSEWHERE = "import urllib.request as u; u.urlopen('http://127.0.0.1:9/requests')"
MUST = CaseBreach("jobs-made", "One job.", "MUST", "1 job", "2 jobs", general=True)
OURS = {entry.id: entry for entry in load_cases()}


def ran(client: Any, *ids: str, **options: Any) -> Matrix:
    """The matrix of a client and some of our cases."""
    cases = [OURS[name] for name in ids]
    return conform(client, provider="gmicloud", cases=cases, options=RunOptions(**options))


@pytest.mark.parametrize(
    "command", [["false"], ["true"], ["sleep", "0.1"], [PYTHON, "-c", ELSEWHERE]], ids=lambda words: words[-1]
)
def test_who_asks_the_provider_for_nothing_is_not_judged(command: list[str]) -> None:
    matrix = conform(command, provider="gmicloud", cases=list(OURS.values()))
    verdicts = {result.verdict for result in matrix.results}
    assert verdicts == {"could not run", "not applicable"}
    assert score(matrix.results).number is None
    assert matrix.exit_code == INCOMPLETE
    assert matrix.results[0].reason.startswith("the client made no request to MOCKSERVER_BASE_URL")


def test_that_is_so_for_a_case_without_the_baseline_case_too() -> None:
    matrix = ran(["false"], "submit-answer-lost", "request-too-long", "secrets-url")
    assert {result.verdict for result in matrix.results} == {"could not run"}
    assert all(result.reason.startswith(f"{PLAIN} could not run") for result in matrix.results)


def test_who_refuses_a_prompt_without_asking_is_judged_by_what_it_says() -> None:
    def refuses(task: Task) -> None:
        if len(task.prompt) > 2500:
            raise RuntimeError("the prompt is too long")
        good(task)

    assert [result.verdict for result in ran(refuses, "request-too-long").results] == ["pass"]


def test_who_asks_for_something_else_fails_the_baseline_case_and_passes_nothing() -> None:
    def lists(task: Task) -> None:
        httpx.get(
            f"{task.base_url}/requests", headers={"Authorization": f"Bearer {task.key}"}, trust_env=False
        )
        raise SystemExit(1)

    matrix = ran(lists, PLAIN, "money-lost-twice", "money-submits-once", "secrets-url", "poll-stuck")
    assert [result.verdict for result in matrix.results] == ["fail", *["could not run"] * 4]
    assert matrix.exit_code == 1


def test_who_does_not_get_as_far_is_not_judged_for_what_answers_may_have_tomorrow() -> None:
    def stops(task: Task) -> None:
        submitted(task)
        raise SystemExit(1)

    assert [result.verdict for result in ran(stops, "evolution-unknown").results] == ["could not run"]


def test_a_row_that_says_fail_is_a_must_and_goes_back_where_the_must_is_no_news() -> None:
    demand = case(level="SHOULD")
    failed = with_verdict(Result(CaseSummary.of(demand), "gmicloud", "pass", breaches=(MUST,)))
    assert (failed.verdict, failed.case.level, failed.case.case_level) == ("fail", "MUST", "SHOULD")
    plain = Result(CaseSummary.of(CASES[PLAIN]), "gmicloud", "fail", breaches=(MUST,))
    _, discounted = discount_baseline([plain, failed])
    assert (discounted.verdict, discounted.case.level) == ("remark", "SHOULD")


def test_a_must_inside_a_should_is_shown_as_such_in_a_run() -> None:
    def twice(task: Task) -> None:
        submitted(task)
        good(task)

    (result,) = ran(twice, "manners-interval").results
    assert (result.verdict, result.case.level) == ("fail", "MUST")
