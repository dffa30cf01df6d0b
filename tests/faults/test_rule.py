"""Rules: what they hold for, what they make, and what they say when they make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.faults.rule import Rule
from tests.faults.inputs import subject


def rule(fault: str, **given: Any) -> Rule:
    return Rule(fault=fault, **given)


def test_all_predicates_must_hold() -> None:
    both = rule("too-many", when={"provider": "gmicloud", "role": "submit"})

    assert both.holds(subject())
    assert not both.holds(subject(provider="kkiai"))
    assert not both.holds(subject(role="read"))


@pytest.mark.parametrize(
    ("fault", "roles"),
    [
        ("fail", {"submit"}),
        ("callback-late", {"submit"}),
        ("cut-file", {"media"}),
        ("too-many", {"submit", "read", "list", "cancel", "models", "model"}),
        ("lost-answer", {"submit"}),
        ("missing-for-a-while", {"read"}),
    ],
)
def test_without_a_role_a_rule_is_about_what_is_usual(fault: str, roles: set[str]) -> None:
    every = ("submit", "read", "list", "cancel", "models", "model", "media")

    assert {role for role in every if rule(fault).holds(subject(role=role))} == roles


def test_a_role_or_operation_that_is_named_counts() -> None:
    assert rule("lost-answer", when={"role": "read"}).holds(subject(role="read"))
    assert rule("lost-answer", when={"operation": "list*"}).holds(subject(role="list", operation="listAll"))


def test_a_rule_makes_its_fault_once() -> None:
    made = rule("delay", settings={"seconds": 2})

    assert made.make() is made.make()
    assert made.make().model_dump() == {"seconds": 2.0, "most": None, "seed": None}


def test_a_copy_with_other_predicates_goes_by_those() -> None:
    made = rule("too-many").read()
    copy = made.model_copy(update={"when": {"tenant": "t2"}})

    assert made.holds(subject())
    assert not copy.holds(subject())


def test_a_rule_survives_its_own_json() -> None:
    made = rule("fail", id="a", when={"nth": [1, "3-4"]}, settings={"reason": "x"}, times=2)

    assert Rule.model_validate(made.model_dump(mode="json")) == made


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"fault": "to-many"}, "fault: 'to-many' is not known; did you mean 'too-many'?"),
        ({"fault": "xyzzy"}, "fault: 'xyzzy' is not known; known: answer, business-code,"),
        ({"fault": "fail", "when": {"roles": "submit"}}, "when: 'roles' is not known; did you mean 'role'?"),
        ({"fault": "fail", "when": {"nth": 0}}, "when.nth: give a number from 1"),
        (
            {"fault": "too-many", "when": {"role": "poll"}},
            "when.role: 'poll' is no role; roles: submit, read",
        ),
        ({"fault": "fail", "when": {"role": "read"}}, "when.role: fail acts on submit only"),
        (
            {"fault": "delay", "settings": {"secs": 1}},
            "settings.secs: delay has no such setting; its settings: seconds, most, seed",
        ),
        (
            {"fault": "no-reason", "settings": {"x": 1}},
            "settings.x: no-reason has no such setting; its settings: none",
        ),
        (
            {"fault": "delay", "settings": {"seconds": -1}},
            "settings.seconds: input should be greater than or equal to 0, got -1",
        ),
        (
            {"fault": "gateway-page", "settings": {"status": 500}},
            "settings.status: input should be 502, 503, 504",
        ),
        ({"fault": "answer"}, "settings: give at least one of when, status and text"),
    ],
)
def test_a_rule_that_makes_no_sense_says_where(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^(fault|when|settings)") as error:
        Rule(**given).read()

    assert str(error.value).startswith(message)
