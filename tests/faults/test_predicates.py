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


@pytest.mark.parametrize("name", ["nth", "poll"])
@pytest.mark.parametrize(
    ("value", "last"),
    [
        (999_999_999, 999_999_999),
        ("999999999", 999_999_999),
        ("1-999999999", 999_999_999),
        (">=999999999", 10**12),
        (1_000_000_000, None),
        ("1000000000", None),
        ("1-1000000000", None),
        (">=1000000000", None),
        (0, None),
        ("01", None),
        ("0-1", None),
        ("1-", None),
        (">1", None),
        ("1 ", None),
    ],
)
def test_the_published_form_of_numbers_is_what_is_read(name: str, value: Any, last: int | None) -> None:
    predicate = predicates()[name]

    for given in (value, [value], [3, value]):
        assert Draft202012Validator(predicate.form).is_valid(given) is (last is not None)
    if last is None:
        with pytest.raises(ValueError, match="give a number"):
            predicate.check(value)
        with pytest.raises(ValueError, match="give a number"):
            predicate.check([3, value])
    else:
        assert holds(name, value, number=last, reads=last)
        assert holds(name, [3, value], number=3, reads=3)


@pytest.mark.parametrize("name", ["provider", "operation", "tenant", "model", "job", "role"])
@pytest.mark.parametrize("value", ["", [], [""], ["read", ""], ["read", 1], 1, None, {}])
def test_the_published_form_of_names_is_what_is_read(name: str, value: Any) -> None:
    predicate = predicates()[name]

    assert not Draft202012Validator(predicate.form).is_valid(value)
    with pytest.raises(ValueError, match="give a name"):
        predicate.check(value)


@pytest.mark.parametrize("value", ["poll", ["read", "poll"], ["READ"], "*"])
def test_the_published_form_of_a_role_has_the_roles_alone(value: Any) -> None:
    assert not Draft202012Validator(predicates()["role"].form).is_valid(value)
    with pytest.raises(ValueError, match="is no role"):
        predicates()["role"].check(value)


@pytest.mark.parametrize(
    "value",
    [-0.01, 1.01, True, None, [], {}, {"seed": 1}, {"of": 2}, {"of": 1, "seed": 0.5}, {"of": 1, "at": 1}],
)
def test_the_published_form_of_a_share_is_what_is_read(value: Any) -> None:
    assert not Draft202012Validator(predicates()["probability"].form).is_valid(value)
    with pytest.raises(ValueError, match=r"give a number|seed"):
        predicates()["probability"].check(value)


@pytest.mark.parametrize("value", [0, 1, 0.5, {"of": 0}, {"of": 1, "seed": -7}])
def test_a_share_of_all_has_both_ends(value: Any) -> None:
    always = value not in (0, 0.5) and value != {"of": 0}
    assert holds("probability", value, chance=1 - 1e-9) is always


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
