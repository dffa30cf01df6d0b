"""Values that a schema allows: the shortest, and one with everything that it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.contract.samples import Sampler, finder, number, text

DOCUMENT: dict[str, Any] = {
    "schemas": {"side": {"type": "integer", "minimum": 3}, "loop": {"$ref": "#/schemas/loop"}}
}


def shortest(schema: Any) -> Any:
    return Sampler(finder(DOCUMENT)).value(schema)


def fullest(schema: Any) -> Any:
    return Sampler(finder(DOCUMENT), full=True).value(schema)


def proposals(schema: Any) -> list[Any]:
    return [*Sampler(finder(DOCUMENT)).values(schema)]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 0),
        ({"type": "integer", "minimum": 4}, 4),
        ({"type": "integer", "minimum": 1.5}, 2),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "exclusiveMaximum": 0, "minimum": -2}, -2),
        ({"type": "integer", "exclusiveMinimum": 4}, 5),
        ({"type": "integer", "exclusiveMinimum": 4, "multipleOf": 5}, 10),
        ({"type": "integer", "minimum": 7, "multipleOf": 5}, 10),
        ({"type": "integer", "minimum": 10, "multipleOf": 5}, 10),
        ({"type": "number"}, 0.0),
        ({"type": "number", "minimum": 0.25}, 0.25),
        ({"type": "number", "exclusiveMinimum": 0}, 0.5),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 0.25}, 0.25),
        ({"type": "number", "exclusiveMinimum": 1, "multipleOf": 0.5}, 1.5),
    ],
)
def test_a_number_is_the_least_from_zero_upwards(schema: dict[str, Any], value: float) -> None:
    sample = number(schema, whole=schema["type"] == "integer")

    assert (sample, type(sample)) == (value, type(value))
    assert Draft202012Validator(schema).is_valid(sample)
    assert shortest(schema) == value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, "sample"),
        ({"minLength": 6}, "sample"),
        ({"minLength": 7}, "xxxxxxx"),
        ({"maxLength": 3}, "sam"),
        ({"maxLength": 0}, ""),
        ({"minLength": 8, "maxLength": 8}, "xxxxxxxx"),
        ({"minLength": 200_000}, "x" * 100_000),
        ({"format": "uuid"}, "3f2b6c1e-8a4d-4b7e-9c05-d1e2f3a4b5c6"),
        ({"format": "uri", "minLength": 28}, "https://example.com/samplexx"),
        ({"format": "unheard-of"}, "sample"),
    ],
)
def test_a_text_has_the_format_and_the_length(schema: dict[str, Any], value: str) -> None:
    assert text(schema) == value
    assert shortest({"type": "string", **schema}) == value


OBJECT = {
    "type": "object",
    "required": ["name", "more"],
    "properties": {"name": {"type": "string"}, "size": {"type": "integer"}, "none": False},
    "additionalProperties": {"type": "boolean"},
}


def test_the_shortest_object_has_what_is_required_and_the_fullest_all_that_is_named() -> None:
    assert shortest(OBJECT) == {"name": "sample", "more": False}
    assert fullest(OBJECT) == {"name": "sample", "more": False, "size": 0}


@pytest.mark.parametrize(
    ("schema", "short", "full"),
    [
        ({"type": "array", "items": {"type": "integer"}}, [], [0]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [0, 0], [0, 0]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 99}, [0] * 64, [0] * 64),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 0}, [], []),
        ({"type": "array", "prefixItems": [{"const": "a"}], "items": False}, ["a"], ["a"]),
        (
            {"type": "array", "prefixItems": [{"const": "a"}], "items": {"const": "b"}, "minItems": 2},
            ["a", "b"],
            ["a", "b"],
        ),
        ({"items": {"type": "integer"}, "minItems": 1}, [0], [0]),
        ({"type": "array"}, [], []),
    ],
)
def test_an_array_is_as_short_as_it_may_be_and_full_with_an_item(
    schema: dict[str, Any], short: list[Any], full: list[Any]
) -> None:
    assert (shortest(schema), fullest(schema)) == (short, full)


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"const": None, "type": "string"}, [None]),
        ({"examples": ["a", "b"], "example": "c", "default": "d", "enum": ["e"]}, [*"abcde", "sample"]),
        ({"default": None, "type": "integer"}, [0]),
        ({"type": ["null", "boolean"]}, [False, None]),
        ({"type": "null"}, [None]),
        ({"required": ["a"]}, [{"a": "sample"}]),
        ({"properties": {"a": {}}}, [{}]),
        ({"items": {}}, [[]]),
        (True, []),
    ],
)
def test_what_a_schema_shows_comes_before_what_it_allows(schema: Any, values: list[Any]) -> None:
    assert proposals(schema) == values


def test_the_fullest_object_is_made_of_its_properties_not_of_its_examples() -> None:
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "examples": [{"b": 2}]}

    assert shortest(schema) == {"b": 2}
    assert fullest(schema) == {"a": 1}


def test_a_schema_is_laid_over_what_it_refers_to_and_combines() -> None:
    schema = {
        "allOf": [
            {"required": ["b"], "properties": {"a": {"const": 2}, "b": {"$ref": "#/schemas/side"}}},
            {"required": ["a"]},
        ],
        "anyOf": [{"required": ["c"], "properties": {"c": {"const": 3}}}, {"required": ["d"]}],
        "oneOf": [{"required": ["e"], "properties": {"e": {"const": 4}}}, {"required": ["f"]}],
        "properties": {"a": {"const": 1}},
        "required": ["a"],
    }

    assert shortest(schema) == {"a": 1, "b": 3, "c": 3, "e": 4}
    assert list(shortest(schema)) == ["a", "b", "c", "e"]


@pytest.mark.parametrize(
    "around",
    [
        lambda inner: {"required": ["a"], "properties": {"a": inner}},
        lambda inner: {"required": ["a"], "additionalProperties": inner},
        lambda inner: {"prefixItems": [inner], "type": "array"},
        lambda inner: {"items": inner, "minItems": 1},
        lambda inner: {"allOf": [inner]},
        lambda inner: {"anyOf": [inner]},
        lambda inner: {"oneOf": [inner]},
    ],
)
def test_whatever_a_schema_holds_itself_in_its_value_ends(around: Callable[[Any], dict[str, Any]]) -> None:
    schemas: dict[str, Any] = {"endless": around({"$ref": "#/schemas/endless"})}
    find = finder({"schemas": schemas})

    for full in (False, True):
        assert str(Sampler(find, full=full).value(schemas["endless"])).count("[") <= 11


def test_a_schema_without_an_end_is_left_in_time() -> None:
    endless = {"type": "object", "required": ["a"], "properties": {"a": {}}}
    endless["properties"] = {"a": endless}

    assert proposals({"$ref": "#/schemas/loop"}) == ["sample"]
    assert str(shortest(endless)).count("a") == 11
    assert str(fullest({"properties": {"b": {"$ref": "#/schemas/side"}, "a": endless}})).count("a") >= 6
