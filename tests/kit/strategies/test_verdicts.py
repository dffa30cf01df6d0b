"""Rules of partial values against the real validator: certain only where no completion says otherwise."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.strategies.identity_cache import cached_by_identity
from mockserver.kit.strategies.partial_validator import validate_partial
from mockserver.kit.strategies.verdicts import PENDING
from tests.kit.strategies.loading import DOCUMENT, valid

GONE = object()
LEAVES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    2.5,
    -1,
    "",
    "a",
    "ab",
    "\U0001f600b",
    [],
    [1, "a"],
    {},
    {"a": 1},
)
TYPES = ("string", "boolean", "null", "array", "object", "integer", "number")
SIMPLE = st.one_of(
    st.booleans(),
    st.sampled_from(TYPES).map(lambda kind: {"type": kind}),
    st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True).map(lambda kinds: {"type": kinds}),
    st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3).map(lambda values: {"enum": values}),
    st.sampled_from(LEAVES).map(lambda value: {"const": value}),
    st.sampled_from(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")).flatmap(
        lambda word: st.sampled_from((1, 2)).map(lambda limit: {word: limit})
    ),
    st.sampled_from(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
    ).flatmap(lambda word: st.integers(0, 2).map(lambda limit: {word: limit})),
    st.sampled_from(("^a$", "b")).map(lambda text: {"pattern": text}),
    st.sampled_from((["a"], ["b"], ["a", "b"])).map(lambda names: {"required": names}),
    st.just({"$ref": "#/$defs/text"}),
)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pairs = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(st.sampled_from("ab"), inner, min_size=1)
    return st.one_of(
        st.sampled_from(("allOf", "anyOf", "oneOf")).flatmap(
            lambda word: pairs.map(lambda parts: {word: parts})
        ),
        inner.map(lambda part: {"not": part}),
        inner.map(lambda part: {"items": part}),
        st.fixed_dictionaries({"if": inner}, optional={"then": inner, "else": inner}),
        st.fixed_dictionaries({"additionalProperties": inner}, optional={"properties": named}),
        named.map(lambda parts: {"properties": parts}),
        st.fixed_dictionaries(
            {"contains": inner}, optional={"minContains": st.integers(0, 2), "maxContains": st.integers(0, 2)}
        ),
    )


SCHEMAS = st.recursive(SIMPLE, _larger, max_leaves=5)
OPEN = st.dictionaries(st.sampled_from("abc"), st.sampled_from((PENDING, *LEAVES)), max_size=3)


@given(SCHEMAS, st.sampled_from(LEAVES))
def test_a_whole_value_gets_the_validators_own_verdict(schema: Any, value: Any) -> None:
    assert validate_partial(DOCUMENT, schema, value) is valid(schema, value)


@given(SCHEMAS, OPEN)
def test_what_is_certain_of_an_open_value_holds_for_each_completion(
    schema: Any, value: dict[str, Any]
) -> None:
    names = [name for name, part in value.items() if part is PENDING]
    verdict = validate_partial(DOCUMENT, schema, value)
    for parts in product((GONE, 1, "ab", None), repeat=len(names)):
        chosen = {**value, **dict(zip(names, parts, strict=True))}
        whole = {name: part for name, part in chosen.items() if part is not GONE}
        assert verdict in (None, valid(schema, whole))
    assert names or verdict is not None


@pytest.mark.parametrize(
    ("schema", "value", "verdict"),
    [
        ({"enum": [{}]}, {"a": PENDING}, None),
        ({"enum": ["a", {"a": 1}]}, {"a": PENDING}, None),
        ({"const": {"a": 1}}, {"a": PENDING}, None),
        ({"const": {"a": 1}}, {"a": 1, "b": PENDING}, None),
        ({"const": {"a": 1}}, {"a": 2, "b": PENDING}, False),
        ({"const": {"a": 1, "c": 1}}, {"a": 1, "b": PENDING}, False),
        ({"const": {"a": 1}}, {"a": True}, False),
        ({"const": [{"a": 1}]}, [{"a": 1.0}], True),
        ({"const": [0]}, [False], False),
        ({"minProperties": 2}, {"a": 1, "b": 1, "c": PENDING}, True),
        ({"minProperties": 3}, {"a": 1, "b": PENDING}, False),
        ({"maxProperties": 1}, {"a": 1, "b": PENDING}, None),
        ({"maxProperties": 1}, {"a": 1, "b": 1, "c": PENDING}, False),
        ({"maxProperties": 2}, {"a": 1, "b": PENDING}, True),
        ({"if": {"required": ["a"]}, "then": False, "else": False}, {"a": PENDING}, False),
        ({"if": {"required": ["a"]}}, {"a": PENDING}, True),
        ({"not": {"required": ["a"]}}, {"a": PENDING}, None),
        ({"properties": {"a": {"type": "string"}}}, {"a": PENDING}, None),
        ({"properties": {"a": {"type": "string"}, "b": False}}, {"a": PENDING, "b": 1}, False),
        ({"properties": {"a": True}}, {"a": PENDING}, True),
        ({"additionalProperties": False}, {"a": PENDING}, None),
        ({"oneOf": [True, True, {"required": ["a"]}]}, {"a": PENDING}, False),
        ({"allOf": [{"required": ["a"]}, False]}, {"a": PENDING}, False),
    ],
)
def test_it_is_no_more_open_than_it_must_be(schema: Any, value: Any, verdict: bool | None) -> None:
    assert validate_partial(DOCUMENT, schema, value) is verdict


def test_a_cached_function_is_called_once_for_the_same_objects() -> None:
    calls: list[tuple[Any, ...]] = []

    @cached_by_identity
    def counted(document: Any, schemas: Any, option: int = 0) -> int:
        calls.append((document, schemas, option))
        return len(calls)

    document, first, second = {"a": 1}, {"b": 1}, {"b": 1}
    assert counted(document, first) == counted(document, first) == 1
    assert counted(document, second) == 2
    assert counted(document, [first, second]) == counted(document, (first, second)) == 3
    assert counted(document, [second, first]) == 4
    assert counted(document, first, 1) == 5
    assert counted({"a": 1}, first) == 6
    assert counted(document, first) == 1
