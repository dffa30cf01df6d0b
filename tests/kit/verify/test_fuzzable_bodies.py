"""What schemathesis cannot draw by all conditions of a contract, it draws without the fewest of them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.core.errors import InvalidSchema
from schemathesis.generation.jsonschema.builder import build

from mockserver.contract import pointer
from mockserver.contract.pointer import follow
from mockserver.contract.validate import draft
from mockserver.kit.contracts import load
from mockserver.kit.verify import fuzzable_bodies
from mockserver.kit.verify.fuzzable_bodies import _BODY, _conditions, make_fuzzable
from mockserver.kit.verify.schemathesis_reading import document_of

SUBMIT = ("paths", "/v1/videos/image2video", "post", "requestBody", "content", "application/json", "schema")


def _build(document: dict[str, Any]) -> None:
    schema = {**follow(document, SUBMIT), "components": document["components"]}
    build(schema, draft=draft(), formats={})


def test_a_body_that_outgrows_the_canonical_form_can_be_drawn_again() -> None:
    document = document_of(load("kkiai", profile="vendor"))
    with pytest.raises(InvalidSchema):
        _build(document)
    before = copy.deepcopy(document)

    make_fuzzable(document)

    _build(document)
    definitions = ("components", "schemas", "image2video", "$defs")
    changed = [
        name
        for name, schema in follow(before, definitions).items()
        if schema != follow(document, (*definitions, name))
    ]
    assert changed == ["several"]


@pytest.mark.parametrize("provider", ["gmicloud", "aimlapi", "kkiai", "openai"])
def test_what_can_be_drawn_stays_as_it_is(provider: str) -> None:
    document = document_of(load(provider))
    before = copy.deepcopy(document)

    make_fuzzable(document)

    assert document == before


def _document(count: int) -> dict[str, Any]:
    """A document whose one body leads to so many schemas with a condition."""
    shared = {
        f"s{at}": {"if": {"a": at}, "then": {"b": at}, "else": {"c": at}, "type": "object"}
        for at in range(count)
    }
    body = {"allOf": [{"$ref": f"#/components/schemas/{name}"} for name in shared]}
    content = {"application/json": {"schema": body}}
    return {
        "paths": {"/jobs": {"post": {"requestBody": {"content": content}}, "parameters": []}},
        "components": {"schemas": shared},
    }


def _conditional(document: dict[str, Any]) -> set[int]:
    """The numbers of the shared schemas that still have their condition."""
    shared = document["components"]["schemas"]
    assert all(set(schema) in ({"type"}, {"type", "if", "then", "else"}) for schema in shared.values())
    return {int(name[1:]) for name, schema in shared.items() if "if" in schema}


@given(st.integers(0, 6), st.sets(st.integers(0, 5), max_size=3), st.sets(st.integers(0, 5), max_size=1))
def test_conditions_go_as_few_as_help_and_one_alone_where_that_is_enough(
    count: int, needed: set[int], alone: set[int]
) -> None:
    """A body can be drawn without all of `needed`, or without any one of `alone`."""

    def can_draw(document: dict[str, Any], _: object) -> bool:
        left = _conditional(document)
        return left.isdisjoint(needed) or not alone <= left

    document = _document(count)
    order = [
        int(at[-1][1:])
        for at in _conditions(document, pointer.follow(document["paths"]["/jobs"]["post"], _BODY))
    ]
    assert sorted(order) == list(range(count))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fuzzable_bodies, "_can_draw", can_draw)
        make_fuzzable(document)
    gone = set(range(count)) - _conditional(document)

    helping = [size for size in range(count + 1) if can_draw(_stripped(count, order[:size]), None)]
    if not helping:
        assert gone == set()
        return
    fewest = helping[0]
    last = order[fewest - 1 : fewest]
    assert gone == set(last if can_draw(_stripped(count, last), None) else order[:fewest])


def _stripped(count: int, numbers: list[int]) -> dict[str, Any]:
    document = _document(count)
    for number in numbers:
        document["components"]["schemas"][f"s{number}"] = {"type": "object"}
    return document


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"if": {}}, []),
        ({"$ref": "#/a"}, ["/a"]),
        ({"x": [{"y": {"$ref": "#/a"}}]}, ["/a"]),
        ({"$ref": "#/b"}, ["/b/items/0"]),
        ({"$ref": "#/c"}, ["/c", "/a"]),
        ({"$ref": "#/itself"}, ["/itself"]),
        ({"$ref": "other.json#/a"}, []),
        ({"$ref": "#/none"}, []),
        ({"$ref": 7}, []),
    ],
)
def test_conditions_are_found_in_the_shared_schemas_that_a_body_leads_to(
    body: dict[str, Any], places: list[str]
) -> None:
    document = {
        "a": {"if": {}, "x": 1},
        "b": {"items": [{"if": {}}, {"then": {}}]},
        "c": {"if": {}, "then": {"$ref": "#/a"}},
        "itself": {"if": {}, "else": {"$ref": "#/itself"}},
    }
    assert [pointer.write(at) for at in _conditions(document, body)] == places
