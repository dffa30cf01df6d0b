"""The shortest and the fullest body that a submit takes, from any body and for any way of naming fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.legal_bodies import fullest, legal_bodies, shortest
from mockserver.contract.loader import load_contract
from mockserver.contract.samples import finder
from mockserver.contract.source import builtin_root, find_providers
from mockserver.media.picture import measure
from tests.comet import COMET

FOLDERS = {**find_providers(builtin_root()), "comet": COMET}
Steps = tuple[str, ...]
bodies = st.recursive(
    st.integers(0, 3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
).filter(lambda body: isinstance(body, dict))


def places(node: Any, at: Steps = ()) -> Iterator[Steps]:
    """Every place in a body, those of its inner objects too."""
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield (*at, name)
            yield from places(child, (*at, name))


@given(bodies, st.data())
def test_the_shortest_body_has_what_is_needed_and_what_lies_deeper_than_three_steps(
    body: dict[str, Any], data: st.DataObject
) -> None:
    every = [*places(body)]
    needed = data.draw(st.sets(st.sampled_from(every))) if every else set()

    short = shortest(body, lambda made: needed <= {*places(made)})

    above = {place[:depth] for place in needed for depth in range(1, len(place) + 1)}
    deep = {place for place in every if len(place) > 3 and place[:3] in above}
    assert {*places(short)} == above | deep


WAYS: list[dict[str, Any]] = [
    {"properties": {"a": {"const": 1}, "b": {"const": 2}}},
    {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]},
    {"anyOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]},
    {"oneOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]},
    {"if": {}, "then": {"properties": {"a": {"const": 1}}}, "else": {"properties": {"b": {"const": 2}}}},
    {"properties": {"a": {"const": 1}}, "$ref": "#/two"},
]


@pytest.mark.parametrize("schema", WAYS)
def test_the_fullest_body_has_each_field_whichever_way_it_is_named(schema: dict[str, Any]) -> None:
    find = finder({"two": {"properties": {"b": {"const": 2}}}})

    assert fullest({"c": 3}, schema, lambda body: True, find) == {"c": 3, "a": 1, "b": 2}
    assert fullest({"a": 5}, schema, lambda body: True, find) == {"a": 5, "b": 2}
    assert fullest({}, schema, lambda body: "a" not in body, find) == {"b": 2}


def test_a_field_has_the_first_value_that_goes_with_the_others() -> None:
    schema = {"properties": {"a": {"examples": [1, 2, 3, 4, 5]}, "b": {"examples": [7]}}}

    def full(good: int) -> Any:
        return fullest({}, schema, lambda body: body.get("a", good) == good, finder({}))

    assert [full(good) for good in (1, 2, 4)] == [{"a": 1, "b": 7}, {"a": 2, "b": 7}, {"a": 4, "b": 7}]
    assert full(5) == {"b": 7}


@pytest.mark.parametrize(("depth", "reached"), [(0, True), (6, True), (7, False), (40, False)])
def test_fields_are_looked_for_six_schemas_deep(depth: int, reached: bool) -> None:
    schema: dict[str, Any] = {"properties": {"a": {"const": 1}}}
    for _ in range(depth):
        schema = {"allOf": [schema]}

    assert fullest({}, schema, lambda body: True, finder({})) == ({"a": 1} if reached else {})


def test_forty_fields_are_tried() -> None:
    schema = {"properties": {f"a{number}": {"const": number} for number in range(50)}}

    assert [*fullest({}, schema, lambda body: True, finder({}))] == [f"a{number}" for number in range(40)]


@pytest.mark.parametrize("provider", FOLDERS)
def test_the_bodies_of_our_contracts_are_legal_and_all_different(provider: str) -> None:
    contract = load_contract(FOLDERS[provider], measure=measure)
    for operation in contract.operations.values():
        if operation.role == "submit" and operation.body is not None:
            legal = legal_bodies(contract, operation)
            assert legal
            assert all(operation.body.is_valid(each.body) for each in legal)
            assert all(each.body not in [other.body for other in legal[:at]] for at, each in enumerate(legal))
            shown = [each.body for each in legal if each.what.startswith("the example ")]
            for each in legal[: len(shown)]:
                assert shortest(each.body, operation.body.is_valid) in [made.body for made in legal]
