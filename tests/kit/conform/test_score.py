"""The score: what it counts, and what can never happen to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.kit.conform.results.result import Result, Verdict
from mockserver.kit.conform.results.score import CAP, COSTS, FORMULA, WEIGHTS, score
from tests.kit.conform.matrices import RESULTS, result, results

BETTER: tuple[Verdict, ...] = ("fail", "weak", "remark", "pass")


@given(results(), st.randoms(use_true_random=False))
def test_the_order_of_cases_does_not_matter(several: list[Result], chance: object) -> None:
    shuffled = list(several)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled) == score(several)


@given(results(BETTER), st.data())
def test_a_better_verdict_never_lowers_it(several: list[Result], data: st.DataObject) -> None:
    assume(several)
    place = data.draw(st.integers(0, len(several) - 1))
    now = data.draw(st.sampled_from(BETTER[BETTER.index(several[place].verdict) :]))
    before, after = (
        score(several).number,
        score([*several[:place], replace(several[place], verdict=now), *several[place + 1 :]]),
    )
    assert before is not None
    assert after.number is not None
    assert after.number >= before


@given(results())
def test_it_is_a_number_of_0_to_100_wherever_something_was_judged(several: list[Result]) -> None:
    total = score(several)
    judged = [each for each in several if each.verdict in COSTS]
    assert (total.number is None) == (judged == [])
    assert total.number is None or 0 <= total.number <= 100
    assert total.cases + total.not_applicable + total.could_not_run == len(several)


@given(results(BETTER))
def test_100_means_that_nothing_is_broken_and_90_that_no_must_is(several: list[Result]) -> None:
    assume(several)
    number, shades = score(several).number, {each.verdict for each in several}
    assert number is not None
    assert (number == 100) == shades.isdisjoint({"fail", "weak"})
    assert number <= CAP or "fail" not in shades


@given(results(), results(("not applicable", "could not run")))
def test_what_is_no_verdict_changes_nothing_but_is_shown(several: list[Result], more: list[Result]) -> None:
    alone, together = score(several), score([*several, *more])
    assert (together.number, together.earned, together.possible) == (
        alone.number,
        alone.earned,
        alone.possible,
    )
    left_out = alone.not_applicable + alone.could_not_run + len(more)
    assert together.not_applicable + together.could_not_run == left_out


@pytest.mark.parametrize(
    ("level", "verdict", "earned"),
    [
        ("MUST", "pass", 5), ("MUST", "remark", 5), ("MUST", "weak", 3), ("MUST", "fail", 0),
        ("SHOULD", "pass", 2), ("SHOULD", "weak", 0), ("SHOULD", "fail", 0),
        ("MAY", "remark", 1), ("MAY", "weak", 0),
    ],
)  # fmt: skip
def test_what_a_case_is_worth(level: str, verdict: Verdict, earned: int) -> None:
    total = score([result("poll-x", verdict, level)])  # type: ignore[arg-type]
    assert total.earned == earned


def test_a_known_failure_costs_what_others_cost_and_is_told() -> None:
    total = score(RESULTS)
    assert (total.earned, total.possible, total.number) == (6, 18, 33)
    assert total.line == "33 % · 2 MUST failed (1 known) · 1 could not run"
    assert total.sum == ("100 x 6 / 18 = 33; 5 cases judged; left out: 1 not applicable, 1 could not run")


def test_the_sum_says_where_it_is_capped() -> None:
    total = score([*[result("poll-x", "pass")] * 99, result("poll-y", "fail")])
    assert total.number == CAP
    assert total.sum.startswith("100 x 495 / 500 = 99, at most 89 as a MUST is broken;")


def test_without_a_verdict_there_is_no_number() -> None:
    assert score([]).line == "none · 0 MUST failed"
    assert score([]).sum.startswith("nothing was judged")


def test_the_formula_names_its_numbers() -> None:
    for number in (*WEIGHTS.values(), CAP):
        assert str(number) in FORMULA
