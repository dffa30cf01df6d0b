"""Schemas that allow the same have one normal form, and such that do not have two."""

from __future__ import annotations

from typing import Any, Final

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.kit.diff.node import node
from mockserver.kit.diff.normal import normal_form

pytestmark = pytest.mark.quick

VALUES: Final[list[Any]] = [
    None, True, False, -1, 0, 1, 1.5, 2, 3, "", "a", "ab", "abc", [], [1], ["a", 1], [1, 1],
    {}, {"a": 1}, {"a": "a"}, {"b": 1}, {"a": 1, "b": None},
]  # fmt: skip


def form(schema: Any) -> bytes:
    return normal_form(node({"s": schema, "t": {"type": "string"}}, "/s"))


EQUAL: Final[list[tuple[Any, Any]]] = [
    ({"allOf": [{"type": "string"}]}, {"type": "string"}),
    ({"$ref": "#/t"}, {"type": "string"}),
    ({"type": "null"}, {"const": None}),
    ({"const": 1.0}, {"enum": [1]}),
    ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
    ({"type": "integer", "maxLength": 3}, {"type": "integer"}),
    ({"type": ["number", "integer", "null"]}, {"type": ["null", "number"]}),
    ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ({"anyOf": [{"type": "null"}, {"type": "string"}]}, {"anyOf": [{"type": "string"}, {"const": None}]}),
    ({"oneOf": [{"type": "string"}]}, {"type": "string"}),
    ({"type": "string", "minLength": 0, "allOf": [{"maxLength": 2}]}, {"type": "string", "maxLength": 2}),
    ({"required": ["b", "a"]}, {"required": ["a", "b"]}),
    ({"properties": {"a": True}}, {"properties": {"a": {}}}),
    ({"type": "object", "additionalProperties": True}, {"type": "object"}),
    (
        {"type": ["string", "null"], "maxLength": 3},
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
    ),
    ({"type": ["string", "null"]}, {"oneOf": [{"type": "null"}, {"type": "string"}]}),
    ({"enum": [1, "a", "b"]}, {"anyOf": [{"const": "b"}, {"enum": ["a", 1.0]}]}),
    ({"enum": ["a", "b"]}, {"oneOf": [{"const": "a"}, {"const": "b"}]}),
    (
        {"oneOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1}]},
        {"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "string", "minLength": 1}]},
    ),
    ({"dependentRequired": {"a": ["b"]}}, {"dependentSchemas": {"a": {"required": ["b"]}}}),
    ({"type": "string", "const": "a"}, {"enum": ["a", 1], "type": "string"}),
    ({"enum": ["b", "a"]}, {"type": "string", "oneOf": [{"const": "a"}, {"const": "b"}]}),
    ({"type": "string", "minLength": 2, "enum": ["a", "ab"]}, {"const": "ab"}),
    ({"type": "integer", "enum": [1.5]}, False),
    ({"enum": [True, False]}, {"type": "boolean"}),
    ({"type": "number", "multipleOf": 1.0, "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
    ({"type": ["string", "integer"]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
    (
        {"type": ["string", "integer", "null"], "minLength": 2, "minimum": 1},
        {
            "oneOf": [
                {"type": "null"},
                {"type": "string", "minLength": 2},
                {"type": "integer", "minimum": 1},
            ]
        },
    ),
    ({"anyOf": [{"type": "string"}, {"type": "string"}]}, {"type": "string"}),
    (
        {"anyOf": [{"minimum": 2}, {"anyOf": [{"maxLength": 1}, {"minItems": 1}]}]},
        {"anyOf": [{"maxLength": 1}, {"minItems": 1}, {"minimum": 2}]},
    ),
    ({"type": ["string", "number", "integer", "boolean", "null", "array", "object"]}, {}),
    (
        {"allOf": [{"properties": {"a": {"type": "null"}}}, {"properties": {"b": {}, "a": {"const": None}}}]},
        {"properties": {"a": {"type": "null"}, "b": True}},
    ),
    ({"propertyNames": True}, {}),
    (
        {"type": "object", "required": ["a"], "allOf": [{"type": "object", "required": ["b"]}]},
        {"type": ["object"], "required": ["b", "a"]},
    ),
    (
        {
            "allOf": [
                {"type": "object", "required": ["a"]},
                {"allOf": [{"type": "object", "required": ["b"]}]},
            ]
        },
        {"type": "object", "required": ["a", "b"]},
    ),
    (
        {"minLength": 1, "maximum": 3, "allOf": [{"minLength": 2, "maximum": 2}]},
        {"minLength": 2, "maximum": 2},
    ),
]


def test_what_no_one_keyword_says_stays_beside() -> None:
    assert form({"enum": ["a"], "allOf": [{"enum": ["b"]}]}) != form({"enum": ["a"]})
    short, long = {"properties": {"a": {"maxLength": 1}}}, {"properties": {"a": {"minLength": 1}}}
    assert form({**short, "allOf": [long]}) not in {form(short), form(long)}
    closed = {"properties": {"b": {}}, "additionalProperties": False}
    assert form({"properties": {"a": {}}, "allOf": [closed]}) != form(
        {**closed, "properties": {"a": {}, "b": {}}}
    )
    assert form({"pattern": "a", "allOf": [{"pattern": "b"}]}) != form({"pattern": "a"})
    assert form({"type": ["integer", "string"], "allOf": [{"type": "integer"}]}) != form({"type": "string"})
    assert form({"enum": [{"a": 1}], "required": ["b"]}) != form({"enum": [{"a": 1}]})
    assert form({"anyOf": [{"type": "integer"}, {"type": "number", "minimum": 1}]}) != form({"minimum": 1})


def test_branches_that_share_a_value_stay_a_oneof() -> None:
    assert form({"oneOf": [{"enum": ["a", "b"]}, {"const": "b"}]}) != form({"enum": ["a", "b"]})
    assert form({"oneOf": [{"type": "integer"}, {"type": "number"}]}) != form({"type": "number"})


@pytest.mark.parametrize(
    "branches",
    [
        [{"type": "null"}, {"not": {"type": "string"}}],
        [{"type": "null"}, {"not": {"type": "integer"}}],
        [
            {"type": "null"},
            {"type": "object", "properties": {"a": {"type": "string"}}, "not": {"required": ["b"]}},
        ],
        [{"type": "null"}, {"type": ["string", "null"], "minLength": 1}],
        [{"type": "null"}, {"type": "integer"}, {"type": "number", "minimum": 1}],
    ],
    ids=str,
)
def test_alternatives_with_null_that_no_one_type_says_stay_alternatives(branches: list[Any]) -> None:
    assert form({"anyOf": branches}) not in {form({}), form({"anyOf": branches[1:]}), form(False)}
    assert b"null" in form({"anyOf": branches})
    assert b"anyOf" in form({"anyOf": branches})
    assert b'"anyOf":null' not in form({"anyOf": branches})


@pytest.mark.parametrize(("first", "second"), EQUAL, ids=str)
def test_another_spelling_has_the_same_form(first: Any, second: Any) -> None:
    assert form(first) == form(second)


LEAVES = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "null", "object", ["string", "null"]]),
            "minimum": st.sampled_from([0, 1, 1.0, 1.5]),
            "exclusiveMinimum": st.sampled_from([0, 0.5, 1]),
            "maximum": st.sampled_from([1, 2.5]),
            "exclusiveMaximum": st.sampled_from([2, 2.5]),
            "minLength": st.sampled_from([0, 1]),
            "maxLength": st.sampled_from([1, 2]),
            "enum": st.lists(st.sampled_from([1, "a", None, True, False, {"a": 1}]), min_size=1, max_size=3),
            "multipleOf": st.sampled_from([1, 1.0, 2]),
            "required": st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True),
        },
    ),
    st.booleans(),
)


def holders(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that hold others."""
    beside = {"type": st.sampled_from(["string", "object"]), "additionalProperties": st.booleans()}
    branches: list[st.SearchStrategy[Any]] = [
        st.fixed_dictionaries({key: st.lists(inner, min_size=1, max_size=2)}, optional=beside)
        for key in ("allOf", "anyOf", "oneOf")
    ]
    closed = {"additionalProperties": st.booleans(), "allOf": st.lists(inner, min_size=1, max_size=1)}
    fields = st.fixed_dictionaries({"a": inner}, optional={"b": inner})
    branches.append(st.fixed_dictionaries({"properties": fields}, optional=closed))
    branches.append(st.fixed_dictionaries({"not": inner}))
    return st.one_of(branches)


SCHEMAS = st.recursive(LEAVES, holders, max_leaves=4)


@settings(max_examples=300, deadline=None)
@given(SCHEMAS)
def test_the_normal_form_allows_what_the_schema_allows(schema: Any) -> None:
    before = jsonschema_rs.validator_for(schema)
    after = jsonschema_rs.validator_for(orjson.loads(form(schema)))

    assert [before.is_valid(value) for value in VALUES] == [after.is_valid(value) for value in VALUES]


def test_a_merged_part_keeps_what_its_own_allof_holds() -> None:
    closed = {"oneOf": [{}, {}], "additionalProperties": False}
    schema = {
        "allOf": [{"type": "string"}, {"allOf": [closed], "additionalProperties": False}],
        "type": "string",
    }

    assert not jsonschema_rs.validator_for(orjson.loads(form(schema))).is_valid("")


def test_an_open_part_counts_where_the_whole_is_closed() -> None:
    part = {"allOf": [{"type": "object", "additionalProperties": True}]}

    assert form({**part, "unevaluatedProperties": False}) != form(
        {"allOf": [{"type": "object"}], "unevaluatedProperties": False}
    )
