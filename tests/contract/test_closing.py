"""A closed document refuses the keys that no schema of an object names, and closes no part of an object."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.closing import close_document

PARTS: dict[str, Any] = {
    "whole": {
        "properties": {"a": {"properties": {"b": {}}}},
        "allOf": [{"$ref": "#/components/schemas/part"}],
    },
    "part": {"properties": {"c": {}}},
    "listed": {"items": {"properties": {"d": {}}}},
    "open": {"properties": {"e": {}}, "additionalProperties": True},
    "patterned": {"properties": {"f": {}}, "patternProperties": {"^x": {}}},
    "ruled": {"properties": {"g": {}}, "x-rule": "r"},
    "bare": {"required": ["h"]},
}


def closed() -> dict[str, Any]:
    document = {"components": {"schemas": PARTS}, "body": {"properties": {"i": {}}}}
    return close_document(document, "/body")


@pytest.mark.parametrize(
    ("name", "path", "refuses"),
    [
        ("whole", (), True),
        ("whole", ("properties", "a"), True),
        ("whole", ("properties", "a", "properties", "b"), False),
        ("part", (), False),
        ("listed", (), False),
        ("listed", ("items",), True),
        ("open", (), False),
        ("patterned", (), False),
        ("ruled", (), False),
        ("bare", (), False),
    ],
)
def test_an_object_is_closed_where_it_is_whole(name: str, path: tuple[str, ...], refuses: bool) -> None:
    schema = closed()["components"]["schemas"][name]
    for step in path:
        schema = schema[step]

    assert (schema.get("unevaluatedProperties") is False) is refuses


def test_the_schema_that_is_used_is_closed_wherever_it_stands_and_the_document_stays() -> None:
    assert closed()["body"]["unevaluatedProperties"] is False
    assert "unevaluatedProperties" not in PARTS["whole"]
    only_named = close_document({"components": {"schemas": PARTS}}, "/components/schemas/part")
    assert "unevaluatedProperties" not in only_named["components"]["schemas"]["part"]


@pytest.mark.parametrize("key", ["allOf", "anyOf", "oneOf"])
def test_what_a_list_of_branches_refers_to_is_a_part(key: str) -> None:
    schemas = {"a": {key: [{"$ref": "#/components/schemas/b"}]}, "b": {"properties": {"c": {}}}}
    document = close_document({"components": {"schemas": schemas}}, "/components/schemas/a")

    assert "unevaluatedProperties" not in document["components"]["schemas"]["b"]


@pytest.mark.parametrize("key", ["if", "then", "else", "not"])
def test_so_is_what_a_condition_refers_to_and_a_property_is_whole(key: str) -> None:
    reference = {"$ref": "#/components/schemas/b"}
    schemas: dict[str, Any] = {
        "a": {key: reference, "properties": {"p": reference}},
        "b": {"properties": {"c": {}}},
    }
    part = close_document({"components": {"schemas": schemas}}, "/components/schemas/a")
    schemas["a"] = {"properties": {"p": reference}, "items": reference}
    whole = close_document({"components": {"schemas": schemas}}, "/components/schemas/a")

    assert "unevaluatedProperties" not in part["components"]["schemas"]["b"]
    assert whole["components"]["schemas"]["b"]["unevaluatedProperties"] is False
