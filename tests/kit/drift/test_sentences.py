"""What a drift says, and how the schemas that are inferred from answers are joined and widened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.drift.drift import BREAKING, Drift, UndocumentedState
from mockserver.kit.drift.edit import _joined, _template, widen
from mockserver.kit.drift.shape import Shape, joined, kind_of
from tests.kit.drift.test_shape import VALUES, fits

DRIFT = Drift(
    "changed type", "readRequest", 200, "", (), 1, 7, "/clause", "file.json", "/at", "DOCUMENTED S1"
)


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, ""),
        ({"pointer": "/a"}, " at /a"),
        ({"examples": ("1", "2")}, ": 1, 2"),
        ({"count": 2}, ", 2 times"),
        ({"pointer": "/a", "examples": ("1",), "count": 3}, " at /a: 1, 3 times"),
    ],
)
def test_a_drift_takes_a_line(changes: dict[str, Any], more: str) -> None:
    assert replace(DRIFT, **changes).sentence == f"changed type: readRequest 200{more}"


@pytest.mark.parametrize(
    ("kind", "breaks"),
    [
        ("undocumented field", False),
        ("new status word", True),
        ("new enum value", True),
        ("changed type", True),
        ("undocumented status", True),
        ("never seen", False),
    ],
)
def test_what_only_adds_or_leaves_out_breaks_nothing(kind: Any, breaks: bool) -> None:
    assert replace(DRIFT, kind=kind).breaks is breaks
    assert (kind in BREAKING) is breaks


def test_as_json_it_has_all_that_is_known() -> None:
    plain = {
        "kind": "changed type", "breaks": True, "operation": "readRequest", "status": 200, "pointer": "",
        "seen": [], "count": 1, "exchange": 7, "clause": "/clause", "file": "file.json", "at": "/at",
        "source": "DOCUMENTED S1",
    }  # fmt: skip
    assert DRIFT.row() == plain
    word = UndocumentedState("created", "waiting", ("queued",), ("processing", "success"))
    told = {"phase": "waiting", "before": ["queued"], "after": ["processing", "success"]}
    assert replace(DRIFT, word=word).row() == {**plain, **told}


def test_two_drifts_are_the_same_whatever_values_showed_them() -> None:
    shape = Shape()
    shape.add(1)
    assert replace(DRIFT, shape=shape, values=(1,)) == DRIFT
    assert "values" not in repr(DRIFT)


@given(VALUES, VALUES)
def test_a_joined_schema_fits_what_either_fits(value: Any, other: Any) -> None:
    schemas = []
    for each in (value, other):
        shape = Shape()
        shape.add(each)
        schemas.append(shape.schema("OBSERVED x"))
    both = _joined(*schemas)
    assert fits(both, value)
    assert fits(both, other)


@pytest.mark.parametrize(
    ("known", "new", "both"),
    [
        ({"type": "string"}, {"type": "null"}, {"type": ["string", "null"]}),
        ({"type": "string"}, {"type": "string"}, {"type": "string"}),
        ({"type": "integer"}, {"type": "number"}, {"type": "number"}),
        ({}, {"type": "boolean"}, {"type": ["boolean", "null"]}),
        ({"type": "integer"}, {}, {"type": ["integer", "null"]}),
        ({"x": 1}, {"x": 2, "y": 3}, {"x": 1, "y": 3}),
        (
            {"properties": {"a": {"type": "string"}, "b": {}}},
            {"properties": {"a": {"type": "integer"}, "c": {}}},
            {"properties": {"a": {"type": ["string", "integer"]}, "b": {}, "c": {}}},
        ),
        (
            {"items": {"type": "string"}},
            {"items": {"type": "boolean"}},
            {"items": {"type": ["string", "boolean"]}},
        ),
    ],
)
def test_inferred_schemas_are_joined_part_by_part(
    known: dict[str, Any], new: dict[str, Any], both: dict[str, Any]
) -> None:
    assert _joined(known, new) == both


@pytest.mark.parametrize(
    ("node", "values", "widened"),
    [
        ({"enum": [1]}, [1.0], {"enum": [1]}),
        ({"enum": [1]}, [True], {"enum": [1, True]}),
        ({"enum": ["a"]}, ["b", "b"], {"enum": ["a", "b"]}),
        ({"const": 0}, [0.0], {"const": 0}),
        ({"const": 0}, [False], {"enum": [0, False]}),
        ({"type": "string", "enum": ["a"]}, [None], {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string"}, [[]], {"type": ["string", "array"]}),
        ({"anyOf": [{"const": 1}, {"type": "string"}]}, ["b"], {"anyOf": [{"const": 1}, {"type": "string"}]}),
        ({"oneOf": [{"const": "a"}]}, ["a"], {"oneOf": [{"const": "a"}]}),
    ],
)
def test_a_schema_is_widened_by_what_it_lacks_alone(
    node: dict[str, Any], values: list[Any], widened: dict[str, Any]
) -> None:
    widen(node, values)
    assert node == widened


@pytest.mark.parametrize("word", ["oneOf", "anyOf"])
def test_a_choice_of_constants_gets_one_more(word: str) -> None:
    node = {word: [{"const": "a"}, {"const": "b"}]}
    widen(node, ["c", "c"])
    assert [choice["const"] for choice in node[word]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "boolean"),
        (0, "integer"),
        (0.5, "number"),
        ("", "string"),
        ([], "array"),
        ({}, "object"),
    ],
)
def test_a_value_has_one_type(value: Any, kind: str) -> None:
    assert kind_of(value) == kind


@given(
    st.sets(
        st.sampled_from(("string", "integer", "number", "boolean", "object", "array", "null")), min_size=1
    )
)
def test_types_are_written_once_each_and_in_one_order(kinds: set[str]) -> None:
    written = joined(kinds)
    names = [written] if isinstance(written, str) else written
    assert isinstance(written, str) == (len(names) == 1)
    assert set(names) == kinds - ({"integer"} if "number" in kinds else set())
    assert joined(reversed(names)) == written


@pytest.mark.parametrize(
    ("sample", "template"),
    [
        ({"a": [1]}, {"a": [1]}),
        ([{"a": 1}], [{"a": 1}]),
        ({"a": {"$": "job.id"}}, {}),
        ([{"$when": []}], []),
        ({"a": [{"$x": 1}]}, {}),
        ("text", {}),
        (None, {}),
    ],
)
def test_a_sample_with_names_that_instruct_is_no_template(sample: Any, template: Any) -> None:
    assert _template(sample) == template
