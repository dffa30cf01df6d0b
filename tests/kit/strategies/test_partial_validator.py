"""The judge of partial values agrees with the contract's validator wherever it is sure."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.strategies import every_near_miss, from_contract
from mockserver.kit.strategies.partial_validator import compiled, validate_partial
from mockserver.kit.strategies.pool import collect
from mockserver.kit.strategies.submit_requests import body_schema
from mockserver.kit.strategies.verdicts import PENDING
from tests.kit.strategies.loading import READINGS, loaded


@pytest.mark.parametrize(("name", "profile"), READINGS)
def test_valid_bodies_are_valid_and_stay_possible_with_any_field_open(name: str, profile: str) -> None:
    contract = loaded(name, profile)
    for asked in collect(from_contract(contract), 25):
        schema = body_schema(contract, contract.operations[asked.operation])
        assert validate_partial(contract.document, schema, asked.body) is True
        for field in asked.body:
            assert validate_partial(contract.document, schema, {**asked.body, field: PENDING}) is not False


def test_what_breaks_a_schema_is_judged_so() -> None:
    contract = loaded("orbit")
    for miss in every_near_miss(contract, "orbit-max"):
        schema = body_schema(contract, contract.operations[miss.request.operation])
        assert validate_partial(contract.document, schema, miss.request.body) is (miss.keyword == "x-image")


@pytest.mark.parametrize(
    ("schema", "value", "verdict"),
    [
        ({"enum": [1]}, True, False),
        ({"const": 1}, 1.0, True),
        ({"type": "integer"}, 5.0, True),
        ({"type": "number"}, False, False),
        ({"pattern": "^a$"}, "a\n", False),
        ({"required": ["a"]}, {"a": PENDING}, None),
        ({"required": ["a"]}, {"b": 1}, False),
        ({"minProperties": 2}, {"a": 1, "b": PENDING}, None),
        ({"oneOf": [{"minimum": 1}, {"maximum": 1}]}, 1, False),
        ({"oneOf": [{"required": ["a"]}, False]}, {"a": PENDING}, None),
        (
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]},
            {"b": 1, "a": PENDING},
            None,
        ),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": PENDING, "b": 1}, True),
        ({"if": {"required": ["a"]}, "then": False}, {"a": PENDING}, None),
        ({"not": {"contains": {"const": 1}, "minContains": 2}}, [1, 2], True),
        (False, PENDING, None),
    ],
)
def test_the_verdict_is_certain_or_open(schema: Any, value: Any, verdict: bool | None) -> None:
    assert validate_partial({}, schema, value) is verdict


def test_a_schema_is_compiled_once_and_again_in_another_document() -> None:
    document: dict[str, Any] = {}
    schema = {"type": "array", "items": {"const": 1}}

    assert compiled(document, schema) is compiled(document, schema)
    assert compiled({}, schema) is not compiled(document, schema)
    assert compiled(document, {**schema}) is not compiled(document, schema)
