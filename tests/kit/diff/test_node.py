"""When two schemas need no comparing: they are written alike, with all that they refer to."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.kit.diff.node import EMPTY, node

DOCUMENT = {
    "components": {
        "schemas": {
            "Job": {
                "type": "object",
                "properties": {
                    "clip": {"$ref": "#/components/schemas/Clip"},
                    "parent": {"$ref": "#/components/schemas/Job"},
                },
            },
            "Clip": {"$ref": "#/components/schemas/File~1of a job"},
            "File/of a job": {"type": "string", "description": "A link."},
            "Other": {"type": "integer"},
        }
    }
}
JOB = "/components/schemas/Job"


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = document["components"]["schemas"]
    return named


def test_a_schema_is_written_like_its_copy() -> None:
    assert node(DOCUMENT, JOB).is_written_like(node(copy.deepcopy(DOCUMENT), JOB))


@pytest.mark.parametrize(
    "change",
    [
        lambda named: named["Job"].update(type=["object", "null"]),
        lambda named: named["Job"]["properties"].pop("parent"),
        lambda named: named["File/of a job"].update(maxLength=10),
        lambda named: named["File/of a job"].update(description="An address."),
        lambda named: named.pop("File/of a job"),
    ],
    ids=["itself", "a field", "what it refers to by way of another", "a text", "a missing one"],
)
def test_a_change_of_it_or_of_what_it_refers_to_is_another_writing(
    change: Callable[[dict[str, Any]], object],
) -> None:
    changed = copy.deepcopy(DOCUMENT)
    change(schemas(changed))
    assert not node(DOCUMENT, JOB).is_written_like(node(changed, JOB))


def test_what_it_does_not_refer_to_may_change() -> None:
    changed = copy.deepcopy(DOCUMENT)
    del schemas(changed)["Other"]
    assert node(DOCUMENT, JOB).is_written_like(node(changed, JOB))


def test_of_a_part_of_a_schema_it_is_not_known() -> None:
    whole = node(DOCUMENT, JOB)
    part = whole._replace(layers=((JOB, {"type": "object"}),))
    assert not part.is_written_like(part)
    assert not part.is_written_like(whole)
    assert not whole.is_written_like(part)
    assert not EMPTY.is_written_like(EMPTY)
