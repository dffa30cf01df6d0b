"""What schemathesis cannot draw by all conditions of a contract, it draws without the fewest of them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from schemathesis.core.errors import InvalidSchema
from schemathesis.generation.jsonschema.builder import build

from mockserver.contract.pointer import follow
from mockserver.contract.validate import draft
from mockserver.kit.contracts import load
from mockserver.kit.verify.fuzzable_bodies import make_fuzzable
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
