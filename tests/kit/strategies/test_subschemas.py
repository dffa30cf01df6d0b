"""Which schemas apply to one value: behind references, in branches, under conditions."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.strategies.subschemas import (
    active,
    choose_branches,
    conditions,
    everything,
    looked_for,
    names,
    order,
    possible,
    properties,
    types,
)
from mockserver.kit.strategies.verdicts import PENDING
from tests.kit.strategies.loading import FEW, valid

A: Final = {"maxLength": 1}
B: Final = {"maxLength": 2}
C: Final = {"maxLength": 3}
DOCUMENT: Final = {"A": A, "B": {"allOf": [{"$ref": "#/A"}, B]}}
KINDS: Final = ("integer", "number", "string", "null")


def test_one_branch_is_chosen_and_of_one_of_the_others_do_not_hold() -> None:
    any_of, one_of = {"anyOf": [A, B]}, {"oneOf": [A, {"anyOf": [B, C]}, C]}
    sizes: list[int] = []

    def last_but_one(size: int) -> int:
        sizes.append(size)
        return size - 2

    assert choose_branches(DOCUMENT, [True, any_of, False], last_but_one) == [any_of, A, {"not": {}}]
    assert choose_branches(DOCUMENT, [one_of], last_but_one) == [
        one_of, one_of["oneOf"][1], B, {"not": A}, {"not": C},
    ]  # fmt: skip
    assert sizes == [2, 3, 2]
    reference = {"$ref": "#/B", "allOf": [C]}
    assert choose_branches(DOCUMENT, [reference], last_but_one) == [
        reference,
        DOCUMENT["B"],
        {"$ref": "#/A"},
        A,
        B,
        C,
    ]


RULE: Final = {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": A, "else": B}


@pytest.mark.parametrize(
    ("schema", "value", "nodes"),
    [
        (RULE, {"a": 1}, [RULE, A]),
        (RULE, {"a": 2}, [RULE, B]),
        (RULE, {"a": PENDING}, [RULE]),
        ({"if": RULE["if"]}, {"a": 1}, [{"if": RULE["if"]}]),
        ({"allOf": [RULE, {"$ref": "#/A"}]}, {"a": 2},
         [{"allOf": [RULE, {"$ref": "#/A"}]}, RULE, B, {"$ref": "#/A"}, A]),
        ({"anyOf": [A]}, {}, [{"anyOf": [A]}]),
        (True, {}, []),
        (False, {}, [{"not": {}}]),
    ],
)  # fmt: skip
def test_what_certainly_applies_to_a_value(schema: Any, value: Any, nodes: list[Any]) -> None:
    assert list(active(DOCUMENT, [schema], value)) == nodes


def test_all_that_may_apply_but_no_condition() -> None:
    schema = {**RULE, "allOf": [{"$ref": "#/A"}], "anyOf": [B, True], "oneOf": [C]}
    assert list(everything(DOCUMENT, [schema, False])) == [schema, A, B, {"$ref": "#/A"}, A, B, C]
    assert list(conditions(DOCUMENT, [{"allOf": [schema, {"if": A, "else": C}]}])) == [
        (RULE["if"], [A, B]), (A, [C]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("schemas", "is_possible"),
    [
        ([], True),
        ([True, {}], True),
        ([{}, False], False),
        ([{"not": {}}], False),
        ([{"not": True}], False),
        ([{"not": {"const": 1}}], True),
        ([{"enum": [1, 2]}, {"const": 2}], True),
        ([{"enum": [1, 2]}, {"const": 3}], False),
        ([{"enum": ["a", "bb"]}, {"maxLength": 1}], True),
        ([{"enum": ["aa", "bb"]}, {"maxLength": 1}], False),
        ([{"type": "string"}, {"type": ["null", "string"]}], True),
        ([{"type": "string"}, {"type": "null"}], False),
        ([{"allOf": [{"type": "integer"}, {"type": "number"}]}], True),
    ],
)
def test_whether_a_value_may_satisfy_all(schemas: list[Any], is_possible: bool) -> None:
    assert possible(DOCUMENT, schemas) is is_possible


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ([], []),
        (["integer"], ["integer"]),
        ([["null", "string"], ["string", "null", "integer"]], ["null", "string"]),
        (["integer", "number"], ["integer"]),
        (["number", "integer"], ["integer"]),
        (["number", ["string", "number"]], ["number"]),
        (["string", "null"], []),
    ],
)
def test_types_that_all_allow(named: list[Any], left: list[str]) -> None:
    assert types([{}, *({"type": kind} for kind in named)]) == left


@FEW
@given(st.lists(st.lists(st.sampled_from(KINDS), min_size=1, unique=True), min_size=1, max_size=3))
def test_a_value_of_a_type_that_is_left_is_valid_and_none_other_is(named: list[list[str]]) -> None:
    left = types([{"type": kinds} for kinds in named])
    for value in (1, 0.5, "a", None):
        expected = all(valid({"type": kinds}, value) for kinds in named)
        assert valid({"enum": [value], "type": left or ["array"]}, value) is expected


def test_names_are_all_that_are_mentioned() -> None:
    node = {"properties": {"a": A, "b": B}, "required": ["c", "a"]}
    schemas = [{"allOf": [node], "then": {"properties": {"d": C}}}]
    assert names(DOCUMENT, schemas) == ["d", "a", "b", "c"]
    assert properties(DOCUMENT, [node, {}, {"properties": {"a": C}}], "a") == [A, C]


def rule(read: str, then: str, *, negated: bool = False) -> dict[str, Any]:
    condition: dict[str, Any] = {"required": [read]}
    return {"if": {"not": condition} if negated else condition, "then": {"required": [then]}}


@pytest.mark.parametrize(
    ("rules", "first", "expected"),
    [
        ([], (), "abcd"),
        ([], ("c", "x", "b"), "cbad"),
        ([rule("c", "a")], (), "cabd"),
        ([rule("c", "a", negated=True)], (), "cabd"),
        ([rule("c", "a"), rule("d", "c")], (), "dcab"),
        ([rule("c", "a"), rule("b", "a")], (), "cbad"),
        ([rule("c", "a"), rule("a", "c")], (), "cabd"),
        ([rule("c", "a")], ("a",), "abcd"),
    ],
)
def test_a_property_comes_after_those_that_its_conditions_read(
    rules: list[Any], first: tuple[str, ...], expected: str
) -> None:
    schema = {"properties": dict.fromkeys("abcd", True), "allOf": rules}
    in_order = order(DOCUMENT, [{"properties": schema["properties"]}, schema], first)
    assert "".join(in_order) == expected


def test_patterns_that_conditions_look_for() -> None:
    def when(part: Any) -> dict[str, Any]:
        return {"if": {"properties": {"a": part, "b": {"pattern": "z"}}}, "then": A}

    schemas = [
        when({"pattern": "x"}),
        when(True),
        when({"const": 1}),
        {"allOf": [when({"pattern": "y"}), when({"pattern": "x"})]},
    ]
    assert looked_for(DOCUMENT, schemas, "a") == ["x", "y"]
    assert looked_for(DOCUMENT, schemas, "c") == []
