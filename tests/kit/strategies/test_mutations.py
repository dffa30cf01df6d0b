"""Mutations of a body: each keyword is broken at its limit, and only the place that is meant changes."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.strategies.mutations import REMOVED, Mutation, apply, general, mutations, paths, wrongs
from tests.kit.strategies.loading import valid

NEVER = (("type", 0.5), ("type", None), ("type", ["a"]))
"""What is of no type that a keyword here names."""
WRONGS: tuple[tuple[dict[str, Any], Any, list[tuple[str, Any]]], ...] = (
    ({"type": "string"}, "a", [("type", 12345), *NEVER]),
    ({"type": "string"}, "5", [("type", 5), ("type", 12345), *NEVER]),
    ({"type": "boolean"}, True, [("type", "true"), ("type", "true"), *NEVER]),
    ({"type": "boolean"}, False, [("type", "false"), ("type", "true"), *NEVER]),
    ({"type": "integer"}, 3, [("type", "3"), ("type", "5"), ("type", True), *NEVER]),
    ({"type": "number"}, 0.5, [("type", "5"), ("type", True), ("type", None), ("type", ["a"])]),
    ({"type": ["integer", "string"]}, 3, [("type", True), *NEVER]),
    ({"type": "object"}, {}, [("type", "text"), *NEVER]),
    ({"type": "array"}, [], [("type", {"0": "text"}), ("type", 0.5), ("type", None)]),
    ({"type": "null"}, None, [("type", 0), ("type", 0.5), ("type", ["a"])]),
    ({"minimum": 3}, 3, [("minimum", 2), ("minimum", 2.999)]),
    ({"maximum": 3}, 3, [("maximum", 4), ("maximum", 3.001)]),
    ({"exclusiveMinimum": 3}, 4, [("exclusiveMinimum", 3)]),
    ({"exclusiveMaximum": 3}, 2, [("exclusiveMaximum", 3)]),
    ({"maxLength": 2}, "", [("maxLength", "aaa"), ("maxLength wide", "\U0001f600" * 3)]),
    ({"minLength": 2}, "aa", [("minLength", "a")]),
    ({"minLength": 1}, "a", [("minLength", "")]),
    ({"minLength": 0}, "a", []),
    ({"minItems": 2}, [1, 2, 3], [("minItems", [1])]),
    ({"minItems": 1}, [1], [("minItems", [])]),
    ({"minItems": 2}, [1], []),
    ({"minItems": 0}, [1], []),
    ({"maxItems": 3}, [1, 2], [("maxItems", [1, 2, 1, 2])]),
    ({"maxItems": 3}, [], []),
)  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "expected"), WRONGS)
def test_a_keyword_is_broken_at_its_limit(
    schema: dict[str, Any], value: Any, expected: list[tuple[str, Any]]
) -> None:
    values = list(wrongs([schema], value))
    assert [(label, type(wrong), wrong) for label, wrong in values] == [
        (label, type(wrong), wrong) for label, wrong in expected
    ]
    assert not any(valid(schema, wrong) for _, wrong in values)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"enum": ["std", "pro"]}, [("enum case", "STD"), ("enum neighbour", "std ")]),
        ({"enum": ["std", "STD"]}, [("enum neighbour", "std ")]),
        ({"enum": ["", "a"]}, [("enum case", "A"), ("enum neighbour", "a ")]),
        ({"enum": ["5", "6"]}, [("enum neighbour", "7")]),
        ({"enum": [True, 5, 6]}, [("enum neighbour", 7)]),
        ({"const": 5}, [("enum neighbour", 6)]),
        ({"const": None}, []),
    ],
)
def test_what_is_next_to_a_listed_value_is_tried(
    schema: dict[str, Any], expected: list[tuple[str, Any]]
) -> None:
    values = list(wrongs([schema], None))
    assert [pair for pair in values if pair[0] != "enum"] == expected
    strangers = [wrong for label, wrong in values if label == "enum"]
    assert strangers == [True, 12345, 0.5, "not-one-of-these", ["a"], {"a": 1}, None]


BODY = {"a": {"b": "x"}, "list": [{"c": 1}, {"c": 2}, {"c": 3}]}


@pytest.mark.parametrize(
    ("path", "value", "body"),
    [
        ((), 5, 5),
        (("a",), 5, {**BODY, "a": 5}),
        (("new",), 5, {**BODY, "new": 5}),
        (("a",), REMOVED, {"list": BODY["list"]}),
        (("a", "b"), REMOVED, {**BODY, "a": {}}),
        (("list", "1", "c"), 9, {**BODY, "list": [{"c": 1}, {"c": 9}, {"c": 3}]}),
        (("list", "0"), 9, {**BODY, "list": [9, {"c": 2}, {"c": 3}]}),
    ],
)
def test_a_mutation_changes_its_place_alone(path: tuple[str, ...], value: Any, body: Any) -> None:
    assert apply(BODY, Mutation(path, value)) == body
    assert BODY == {"a": {"b": "x"}, "list": [{"c": 1}, {"c": 2}, {"c": 3}]}


def test_a_path_through_a_text_leads_nowhere() -> None:
    with pytest.raises(LookupError, match="/c"):
        apply(BODY, Mutation(("a", "b", "c"), 1))


def test_every_value_of_a_body_has_a_path() -> None:
    assert dict(paths({"a": [{"b": 1}], "c": None})) == {
        (): {"a": [{"b": 1}], "c": None},
        ("a",): [{"b": 1}],
        ("a", "0"): {"b": 1},
        ("a", "0", "b"): 1,
        ("c",): None,
    }
    assert general(("a", "0", "b1", "12")) == ("a", "*", "b1", "*")


def test_fields_are_emptied_left_out_and_exchanged() -> None:
    schema = {
        "properties": {
            "a": {"properties": {"b": {"maximum": 1}}},
            "list": {"items": {"minimum": 0}},
            "late": {"maxLength": 0},
        }
    }
    body = {"a": {"b": 1}, "list": [1, 2, 3]}
    donors: dict[tuple[str, ...], list[Any]] = {("a", "b"): [1, 7], ("late",): ["x"]}
    assert list(mutations({}, schema, body, donors)) == [
        Mutation(("a",), REMOVED, False),
        Mutation(("a", "b"), REMOVED, False),
        Mutation(("a", "b"), 7, False),
        Mutation(("a", "b"), 2, label="maximum"),
        Mutation(("a", "b"), 1.001, label="maximum"),
        Mutation(("a",), {}, False),
        Mutation(("a",), {"b": ["a"]}, False),
        Mutation(("list",), REMOVED, False),
        Mutation(("list", "0"), -1, label="minimum"),
        Mutation(("list", "0"), -0.001, label="minimum"),
        Mutation(("list", "1"), -1, label="minimum"),
        Mutation(("list", "1"), -0.001, label="minimum"),
        Mutation(("late",), "x", False),
        Mutation(("late",), "a", label="maxLength"),
        Mutation(("late",), "\U0001f600", label="maxLength wide"),
    ]
