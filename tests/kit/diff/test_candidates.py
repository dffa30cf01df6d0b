"""Values are made for what lies deep in a schema, too."""

from __future__ import annotations

from typing import Any

import jsonschema

from mockserver.kit.diff.candidates import Candidates
from mockserver.kit.diff.node import Node, node


def nested(schema: dict[str, Any], *names: str) -> dict[str, Any]:
    """The schema as a field of a field, the innermost name last."""
    for name in reversed(names):
        schema = {"type": "object", "properties": {name: schema}, "required": [name]}
    return schema


def is_valid(schema: Node, value: Any) -> bool:
    return jsonschema.Draft202012Validator(schema.layers[0][1]).is_valid(value)


def test_a_field_of_three_levels_has_values_with_its_leaf() -> None:
    schema = node({"schema": nested({"const": "the leaf"}, "a", "b", "c", "d")}, "/schema")

    assert {"b": {"c": {"d": "the leaf"}}} in Candidates(is_valid).pool([schema])["a"]
