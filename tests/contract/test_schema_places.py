"""A place in a body has its schema, wherever objects, lists, references and branches have put it."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.pointer import ABSENT, parts, put
from mockserver.contract.schema_places import schema_at, schema_in_part

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


def test_a_value_is_put_where_a_pointer_leads() -> None:
    body: dict[str, Any] = {}
    for place, value in (("/scenes/0/text", "a boat"), ("/scenes/0/look/at", 1), ("/model", "m")):
        put(body, parts(place), value)
    assert body == {"scenes": [{"text": "a boat", "look": {"at": 1}}], "model": "m"}
