"""Pairs of schemas, compared by the diff and by trying every value of a small domain."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any, Final

import jsonschema_rs
import pytest
from hypothesis import given, settings

from mockserver.kit.diff.change import Change, Severity
from mockserver.kit.diff.change_log import ChangeLog
from mockserver.kit.diff.node import node
from mockserver.kit.diff.schemas import Schemas
from mockserver.kit.diff.side import Side, read
from mockserver.kit.diff.walk import ChangeLocation, Message
from tests.kit.diff import edits
from tests.kit.diff.test_normal import SCHEMAS

PAIRS: Final = int(os.environ.get("MOCKSERVER_DIFF_PAIRS", "200"))
"""How many pairs each property tries."""
_PLAIN: Final = [None, True, False, -1, 0, 0.5, 1, 1.5, 2, 2.5, 3, "", "a", "ab", "abc", [], [1]]


def domain() -> Iterator[Any]:
    """Plain values, and objects with up to two fields of such."""
    yield from _PLAIN
    for count in range(3):
        for names in combinations("abx", count):
            for values in product([*_PLAIN[:14], {}, {"a": 1}], repeat=count):
                yield dict(zip(names, values, strict=True))


DOMAIN: Final = list(domain())
ORBIT: Final = read(str(edits.ORBIT))


def changes(message: Message, before: Any, after: Any) -> list[Change]:
    """What the diff says of two schemas of a body."""
    log = ChangeLog(_side(before), _side(after))
    pair = [node(side.contract.document, "/components/schemas/s") for side in (log.before, log.after)]
    Schemas(log, message).compare(pair[0], pair[1], ChangeLocation("body"))
    return log.changes()


def _side(schema: Any) -> Side:
    return ORBIT._replace(
        contract=replace(ORBIT.contract, document={"components": {"schemas": {"s": schema}}})
    )


def described(schema: Any, value: Any) -> bool:
    """Whether the schema names each field of the value: a client sends no others."""
    if not isinstance(value, dict):
        return True
    return all(any(described(part, held) for part in fields(schema, name)) for name, held in value.items())


def fields(schema: Any, name: str) -> Iterator[Any]:
    """The schemas of a field, also those in the schemas beside."""
    if not isinstance(schema, dict):
        return
    if name in schema.get("properties", {}):
        yield schema["properties"][name]
    beside = [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ())]
    for part in (*beside, schema.get("not")):
        yield from fields(part, name)


def allowed(schema: Any) -> list[bool]:
    """Which values of the domain a schema allows."""
    validator = jsonschema_rs.validator_for(schema)
    return [validator.is_valid(value) for value in DOMAIN]


def assert_proven(found: list[Change], *, allowing: Any, refusing: Any) -> None:
    """Every breaking change has a witness that the one schema allows and the other refuses."""
    for change in found:
        if change.severity is Severity.BREAKING:
            witness = json.loads(change.witness or "")
            assert jsonschema_rs.validator_for(allowing).is_valid(witness)
            assert not jsonschema_rs.validator_for(refusing).is_valid(witness)


@settings(max_examples=PAIRS)
@given(SCHEMAS, SCHEMAS)
def test_what_is_refused_of_late_is_told_and_what_is_told_as_breaking_is_refused(old: Any, new: Any) -> None:
    found = changes("request", old, new)
    outcomes = zip(DOMAIN, allowed(old), allowed(new), strict=True)
    if any(was and not now and described(old, value) for value, was, now in outcomes):
        assert any(change.severity.rank <= Severity.RISKY.rank for change in found)
    assert_proven(found, allowing=old, refusing=new)


@settings(max_examples=PAIRS)
@given(SCHEMAS, SCHEMAS)
def test_what_an_answer_may_hold_of_late_is_told(old: Any, new: Any) -> None:
    found = changes("response", old, new)
    outcomes = zip(DOMAIN, allowed(old), allowed(new), strict=True)
    if any(now and not was and described(new, value) for value, was, now in outcomes):
        assert found
    assert_proven(found, allowing=new, refusing=old)


@settings(max_examples=PAIRS)
@given(SCHEMAS, SCHEMAS)
def test_a_schema_that_was_widened_breaks_no_request(old: Any, more: Any) -> None:
    found = changes("request", old, {"anyOf": [old, more]})
    assert not [change for change in found if change.severity is Severity.BREAKING]


def test_a_field_that_was_bounded_by_what_must_not_be_and_has_a_type_now_breaks() -> None:
    old = {"not": {"properties": {"a": {"minimum": 0}}}}
    new = {"properties": {"a": {"type": "string"}}}

    found = changes("request", old, new)

    assert [change.severity for change in found] == [Severity.BREAKING, Severity.HARMLESS, Severity.HARMLESS]
    assert_proven(found, allowing=old, refusing=new)


def test_a_field_that_only_an_alternative_described_and_that_is_refused_now_breaks() -> None:
    old = {"anyOf": [{"properties": {"a": {"type": "integer"}}, "minProperties": 1}]}

    (worst, *_) = changes("request", old, {"properties": {"a": False}})

    assert worst.severity is Severity.BREAKING


def test_a_field_of_one_of_two_alternatives_that_is_refused_now_breaks() -> None:
    old = {"anyOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"maxProperties": 0}]}

    (worst, *_) = changes("request", old, {"properties": {"a": False}})

    assert worst.severity is Severity.BREAKING


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (
            {"type": "string", "maxLength": 5},
            {"type": ["string", "null"], "maxLength": 3},
            {"type-widened", "range-narrowed"},
        ),
        (
            {"type": ["string", "null"], "maxLength": 3},
            {"type": "string", "maxLength": 5},
            {"type-narrowed", "range-widened"},
        ),
        ({"type": "string", "maxLength": 5}, {"type": "integer", "minimum": 3}, {"type-changed"}),
        ({"type": "string", "maxLength": 5}, False, {"type-narrowed"}),
        (False, {"type": "string", "maxLength": 5}, {"type-widened"}),
    ],
)
def test_what_is_within_a_type_is_compared_unless_it_is_another_type(
    before: Any, after: Any, codes: set[str]
) -> None:
    for message in ("request", "response"):
        assert {change.code for change in changes(message, before, after)} == {
            f"{message}.{code}" for code in codes
        }
