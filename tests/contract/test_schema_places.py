"""A place in a body has its schema, wherever objects, lists, references and branches have put it."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.pointer import ABSENT, parts, put
from mockserver.contract.schema_places import schema_at, schema_in_part, schema_with

DOCUMENT: dict[str, Any] = {"schemas": {"scene": {"properties": {"text": {"maxLength": 9}}}}}
BODY: dict[str, Any] = {
    "properties": {
        "scenes": {"type": "array", "items": {"$ref": "#/schemas/scene"}},
        "picture": {"oneOf": [{"properties": {"bytes": {"type": "string"}}}, {"type": "string"}]},
    },
    "allOf": [True, {"properties": {"size": {"enum": ["4k"]}}}],
}


@pytest.mark.parametrize(
    ("place", "schema"),
    [
        ("/scenes/0/text", {"maxLength": 9}),
        ("/scenes/*/text", {"maxLength": 9}),
        ("/picture/bytes", {"type": "string"}),
        ("/size", {"enum": ["4k"]}),
        ("", BODY),
        ("/scenes/text", ABSENT),
        ("/picture/0", ABSENT),
        ("/nothing/0/text", ABSENT),
    ],
)
def test_the_schema_of_a_place_is_found(place: str, schema: Any) -> None:
    assert schema_at(DOCUMENT, BODY, parts(place)) == schema


def test_a_payload_may_be_a_part_of_the_body() -> None:
    scene = {"$ref": "#/schemas/scene"}
    assert schema_in_part(DOCUMENT, scene, parts("/scenes/0/text")) == {"maxLength": 9}
    assert schema_in_part(DOCUMENT, BODY, parts("/scenes/0/text")) == {"maxLength": 9}
    assert schema_in_part(DOCUMENT, scene, parts("/scenes/0/title")) is ABSENT


def test_a_schema_that_refers_to_itself_ends() -> None:
    assert schema_at({"a": {"allOf": [{"$ref": "#/a"}]}}, {"$ref": "#/a"}, ("x",)) is ABSENT


def nested(depth: int, inner: Any) -> Any:
    """A schema within so many branches."""
    return {"oneOf": [{}, nested(depth - 1, inner)]} if depth else inner


@pytest.mark.parametrize(("depth", "reached"), [(0, True), (1, True), (8, True), (9, False), (12, False)])
def test_a_place_is_looked_for_in_branches_eight_deep(depth: int, reached: bool) -> None:
    holder = {"properties": {"size": {"enum": ["4k"]}}}
    schema = nested(depth, holder)

    assert schema_at({}, schema, ("size",)) == ({"enum": ["4k"]} if reached else ABSENT)
    assert schema_with({}, schema, ("size",)) == (holder if reached else {})


def test_the_object_that_has_a_property_is_the_first_branch_with_it() -> None:
    assert schema_with(DOCUMENT, BODY, ("size",)) == {"properties": {"size": {"enum": ["4k"]}}}
    assert schema_with(DOCUMENT, BODY, ("scenes", "0", "text")) == DOCUMENT["schemas"]["scene"]
    assert schema_with(DOCUMENT, BODY, ("picture", "title")) == {}
    assert schema_with(DOCUMENT, BODY, ("nothing", "title")) == {}


def test_a_value_is_put_where_a_pointer_leads() -> None:
    body: dict[str, Any] = {}
    for place, value in (("/scenes/0/text", "a boat"), ("/scenes/0/look/at", 1), ("/model", "m")):
        put(body, parts(place), value)
    assert body == {"scenes": [{"text": "a boat", "look": {"at": 1}}], "model": "m"}
