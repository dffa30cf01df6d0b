"""A payload schema as the list of parameters in the answer about a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.contract.source import resolve
from mockserver.contract.unchecked import one_or_more

_FACETS: Final = {
    "default": "default",
    "minimum": "min",
    "maximum": "max",
    "minLength": "min_length",
    "maxLength": "max_length",
}


def parameters_of(document: Mapping[str, Any], payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One entry a parameter: name, display_name, type, required, and what its schema limits."""
    required = set(payload.get("required", ()))
    return [
        _parameter(name, resolve(document, schema) | _siblings_of_ref(schema), name in required)
        for name, schema in payload.get("properties", {}).items()
    ]


def _siblings_of_ref(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "$ref"}


def _parameter(name: str, schema: Mapping[str, Any], required: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": name,
        "display_name": name.replace("_", " ").capitalize(),
        "description": schema.get("description", ""),
        "type": "|".join(one_or_more(schema.get("type", "any"))),
        "required": required,
    }
    if "enum" in schema:
        entry["options"] = schema["enum"]
    return entry | {word: schema[facet] for facet, word in _FACETS.items() if facet in schema}
