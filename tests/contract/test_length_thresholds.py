"""The lengths at which a verdict may change are never fewer than the schemas say."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.length_thresholds import length_thresholds

TEXT = {"type": "string", "description": "What it shows.", "default": ""}


def document(prompt: Any, **beside: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"prompt": prompt, "size": {"enum": [1, 2]}}, **beside}
    return {"components": {"schemas": {"submit": schema}}, "paths": {}}


def test_a_text_that_may_be_anything_never_turns() -> None:
    assert length_thresholds(document(TEXT), "prompt") == frozenset()
    assert length_thresholds({}, "prompt") == frozenset()


def test_a_text_turns_where_a_length_begins_or_ceases_to_pass() -> None:
    short = {"if": {"properties": {"prompt": {"maxLength": 9}}}, "then": {"required": ["size"]}}
    bounded = document({**TEXT, "minLength": 1, "maxLength": 2500}, allOf=[short])
    assert length_thresholds(bounded, "prompt") == frozenset({1, 10, 2501})


@pytest.mark.parametrize(
    "prompt",
    [
        {"type": "string", "pattern": "^a"},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "x-image": {"forms": ["url"]}},
        {"$ref": "#/components/schemas/text"},
        {"anyOf": [TEXT]},
        False,
    ],
)
def test_what_is_looked_into_is_not_told_by_its_length(prompt: Any) -> None:
    assert length_thresholds(document(prompt), "prompt") is None
    assert length_thresholds(document(TEXT, **{"not": {"properties": {"prompt": prompt}}}), "prompt") is None


@pytest.mark.parametrize(
    "beside",
    [
        {"patternProperties": {"^p": {"const": "a"}}},
        {"additionalProperties": {"maxLength": 3}},
        {"unevaluatedProperties": {"type": "integer"}},
        {"const": {"prompt": "a"}},
        {"enum": [{"prompt": "a"}, 3]},
    ],
)
def test_nor_is_what_a_schema_reaches_without_its_name(beside: dict[str, Any]) -> None:
    assert length_thresholds(document(TEXT, **beside), "prompt") is None


def test_a_schema_that_only_refuses_other_keys_looks_at_no_text() -> None:
    assert length_thresholds(document(TEXT, additionalProperties=False), "prompt") == frozenset()
