"""Predicates: what they hold for, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.faults.catalogue import predicates
from tests.faults.inputs import subject


def holds(name: str, value: Any, **given: Any) -> bool:
    predicate = predicates()[name]
    assert Draft202012Validator(predicate.form).is_valid(value)
    return predicate.holds(predicate.check(value), subject(**given))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("provider", "provider"),
        ("operation", "operation"),
        ("tenant", "tenant"),
        ("model", "model"),
        ("job", "job_id"),
    ],
)
def test_names(name: str, field: str) -> None:
    assert holds(name, "kling-v2", **{field: "kling-v2"})
    assert holds(name, ["other", "kling-v2"], **{field: "kling-v2"})
    assert holds(name, "kling-*", **{field: "kling-v2"})
    assert not holds(name, "kling-v2", **{field: "kling-v2-6"})


def test_role() -> None:
    assert holds("role", ["read", "submit"])
    assert not holds("role", "media")


@pytest.mark.parametrize(
    ("value", "held"),
    [("red", True), ("blue", False), ("/r.d k/", True), ("/^red/", False), ("a.red", False), ("//", False)],
)
def test_prompt(value: str, held: bool) -> None:
    assert holds("prompt", value, prompt="a red kite") is held


@pytest.mark.parametrize(("name", "field"), [("nth", "number"), ("poll", "reads")])
@pytest.mark.parametrize(
    ("value", "expected"),
    [(2, [2]), ([1, "3-4"], [1, 3, 4]), ("2-4", [2, 3, 4]), (">=3", [3, 4, 5]), ("2", [2])],
)
def test_numbers(name: str, field: str, value: Any, expected: list[int]) -> None:
    assert [number for number in range(6) if holds(name, value, **{field: number})] == expected


def test_a_request_about_no_job_is_no_jobs_read() -> None:
    assert not holds("poll", ">=1")
    assert (subject().reads, subject().age, subject().now) == (0, 0, 0)


def test_probability_draws_the_same_each_time() -> None:
    drawn = [holds("probability", {"of": 0.3, "seed": 7}, number=number) for number in range(1000)]

    assert drawn == [holds("probability", {"of": 0.3, "seed": 7}, number=number) for number in range(1000)]
    assert drawn != [holds("probability", {"of": 0.3, "seed": 8}, number=number) for number in range(1000)]
    assert 250 < sum(drawn) < 350


def test_probability_without_a_seed_follows_the_servers() -> None:
    assert not holds("probability", 0)
    assert holds("probability", 1)
    assert 0 < sum(holds("probability", 0.5, chance=chance / 100) for chance in range(100)) < 100


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("provider", 1),
        ("provider", []),
        ("model", [""]),
        ("role", "poll"),
        ("prompt", ""),
        ("prompt", "/(/"),
        ("nth", 0),
        ("nth", True),
        ("nth", 1.5),
        ("nth", "4-2"),
        ("nth", []),
        ("poll", "x"),
        ("probability", 1.5),
        ("probability", "often"),
        ("probability", True),
        ("probability", float("nan")),
        ("probability", {"seed": 1}),
        ("probability", {"of": 0.1, "seed": "x"}),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"give|no role|no regular|goes down|seed"):
        predicates()[name].check(value)
