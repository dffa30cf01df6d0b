"""Every value fits the schema of a shape that has seen it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.contract.source import merge_patch
from mockserver.kit.drift.edit import difference, widen
from mockserver.kit.drift.shape import DEEPEST, MOST_NAMES, Shape

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=10,
)


def fits(schema: dict[str, Any], value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(schema).is_valid(value)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_what_was_seen_fits(values: list[Any]) -> None:
    shape = Shape()
    for value in values:
        shape.add(value)

    assert all(fits(shape.schema("OBSERVED NOTES x"), value) for value in values)


@given(VALUES, VALUES)
def test_two_shapes_joined_have_seen_what_both_have(value: Any, other: Any) -> None:
    first, second, both = Shape(), Shape(), Shape()
    first.add(value)
    second.add(other)
    first.join(second)
    both.add(value)
    both.add(other)

    assert first.schema("OBSERVED NOTES x") == both.schema("OBSERVED NOTES x")


def test_keys_that_are_data_are_no_properties() -> None:
    shape = Shape()
    shape.add({str(number): 1 for number in range(MOST_NAMES + 1)})

    assert shape.schema("OBSERVED NOTES x") == {"type": "object", "x-provenance": "OBSERVED NOTES x"}


def test_every_property_says_who_saw_it() -> None:
    shape = Shape()
    shape.add({"a": [{"b": 1}]})

    schema = shape.schema("OBSERVED NOTES x")["properties"]["a"]
    assert schema["x-provenance"] == "OBSERVED NOTES x"
    assert schema["items"]["properties"]["b"] == {"type": "integer", "x-provenance": "OBSERVED NOTES x"}


NODES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "null", ["string", "null"]]),
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "const": SCALARS,
        "oneOf": st.lists(
            st.builds(lambda n: {"const": n}, st.integers(10, 99)), min_size=1, max_size=3, unique_by=str
        ),
    },
)


@given(NODES, st.lists(SCALARS, min_size=1, max_size=3))
@example({"oneOf": [{"const": 10}]}, [0, 0.0])
def test_a_widened_schema_takes_the_values_and_all_it_took_before(
    node: dict[str, Any], values: list[Any]
) -> None:
    alone = {key: node[key] for key in list(node)[:1]}
    before = [value for value in ("a", 1, None, True, 10, 99) if fits(alone, value)]

    widen(alone, values)

    assert all(fits(alone, value) for value in before)
    assert all(fits(alone, value) for value in values)


OBJECTS = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.integers(0, 3) | st.lists(st.integers(0, 2), max_size=2),
        lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)


@given(OBJECTS, OBJECTS)
def test_the_difference_laid_over_the_old_is_the_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert merge_patch(old, difference(old, new)) == new


def test_a_shape_is_as_deep_as_may_be_and_no_deeper() -> None:
    lists: Any = 1
    objects: Any = 1
    for _ in range(DEEPEST + 2):
        lists, objects = [lists], {"in": objects}
    for value in (lists, objects):
        depth, shape = 0, Shape()
        shape.add(value)
        while inner := shape.items or shape.names.get("in"):
            depth, shape = depth + 1, inner
        assert depth == DEEPEST
