"""Schemas of OpenAPI 3.0 and 3.1, and of older drafts, as plain JSON Schema 2020-12."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mockserver.contract.idle_checks import KNOWN, LIMITED
from mockserver.contract.unchecked import list_in, object_in, one_or_more

TYPES: Final = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
_MAPS: Final = ("properties", "patternProperties", "$defs", "dependentSchemas")
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_PARTS: Final = (
    "items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "not", "if", "then",
    "else", "contains", "propertyNames",
)  # fmt: skip
_DROPPED: Final = frozenset({
    "$id", "$schema", "id", "discriminator", "xml", "externalDocs", "readOnly", "writeOnly", "deprecated",
    "$vocabulary",
})  # fmt: skip
_BOUNDS: Final[Mapping[str, str]] = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_NUMBERS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_COUNTS: Final = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
)


def modern(node: Any, *, old: bool) -> Any:
    """A schema in today's words; `old` for one of OpenAPI 3.0, in which a reference stands alone."""
    if isinstance(node, bool):
        return node
    if not isinstance(node, dict):
        return {}
    schema = {key: value for key, value in node.items() if key not in _DROPPED and not key.startswith("x-")}
    nullable = schema.pop("nullable", False) is True
    if old and "$ref" in schema:
        schema = {key: schema[key] for key in ("$ref", "description") if key in schema}
    _rename(schema)
    _bounds(schema)
    _types(schema)
    _inner(schema, old=old)
    _examples(schema)
    _tidy(schema)
    if nullable:
        return _with_null(schema)
    return schema


def _rename(schema: dict[str, Any]) -> None:
    if "definitions" in schema:
        schema["$defs"] = {**object_in(schema.pop("definitions")), **object_in(schema.get("$defs"))}
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    if isinstance(schema.get("$ref"), str):
        schema["$ref"] = schema["$ref"].replace("/definitions/", "/$defs/")


def _bounds(schema: dict[str, Any]) -> None:
    """`exclusiveMinimum: true` beside `minimum` was how a bound was left out before 2019."""
    for exclusive, plain in _BOUNDS.items():
        if schema.get(exclusive) is True and plain in schema:
            schema[exclusive] = schema.pop(plain)
        elif isinstance(schema.get(exclusive), bool):
            del schema[exclusive]


def _types(schema: dict[str, Any]) -> None:
    if "type" not in schema:
        return
    names = [name for name in one_or_more(schema["type"]) if name in TYPES]
    if not names:
        del schema["type"]
    else:
        schema["type"] = names[0] if len(names) == 1 else list(dict.fromkeys(names))


def _inner(schema: dict[str, Any], *, old: bool) -> None:
    for key in _MAPS:
        if key in schema:
            schema[key] = {name: modern(part, old=old) for name, part in object_in(schema[key]).items()}
    for key in _LISTS:
        if key in schema:
            schema[key] = [modern(part, old=old) for part in list_in(schema[key])]
            if not schema[key]:
                del schema[key]
    for key in _PARTS:
        if key in schema:
            schema[key] = modern(schema[key], old=old)


def _examples(schema: dict[str, Any]) -> None:
    """Examples as a list; those that OpenAPI's other objects have, with a summary, as their values."""
    shown = schema.pop("examples", [])
    values = list(shown.values()) if isinstance(shown, dict) else list_in(shown)
    values = [value["value"] if _is_labelled(value) else value for value in values]
    if "example" in schema:
        values.insert(0, schema.pop("example"))
    if values:
        schema["examples"] = values


def _is_labelled(value: Any) -> bool:
    return (
        isinstance(value, dict) and "value" in value and value.keys() <= {"value", "summary", "description"}
    )


def _tidy(schema: dict[str, Any]) -> None:
    """Take out what does nothing in 2020-12, or is of a form that no validator takes."""
    names = {"number" if name == "integer" else name for name in one_or_more(schema.get("type", []))}
    for key in list(schema):
        limited = LIMITED.get(key)
        if key not in KNOWN or (names and limited is not None and limited not in names):
            del schema[key]
    for key in _NUMBERS | _COUNTS:
        if key in schema and not _is_limit(schema[key], whole=key in _COUNTS):
            del schema[key]
    _tidy_lists(schema)
    if "pattern" in schema and not _compiles(schema["pattern"]):
        del schema["pattern"]


def _is_limit(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool):
        return False
    if whole:
        return isinstance(value, int) and value >= 0
    return isinstance(value, (int, float))


def _tidy_lists(schema: dict[str, Any]) -> None:
    if "required" in schema:
        names = [name for name in list_in(schema["required"]) if isinstance(name, str)]
        if schema.get("additionalProperties") is False and "patternProperties" not in schema:
            names = [name for name in names if name in object_in(schema.get("properties"))]
        schema["required"] = list(dict.fromkeys(names))
    if "enum" in schema:
        values = list_in(schema["enum"])
        schema["enum"] = [value for index, value in enumerate(values) if value not in values[:index]]
        if not schema["enum"]:
            del schema["enum"]
    if not isinstance(schema.get("description", ""), str):
        del schema["description"]


def _compiles(pattern: Any) -> bool:
    try:
        re.compile(str(pattern))
    except re.error:
        return False
    return isinstance(pattern, str)


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that takes null, too."""
    if "type" not in schema or schema.keys() & {"$ref", "allOf", "anyOf", "oneOf", "const"}:
        return {"anyOf": [schema, {"type": "null"}]}
    names = one_or_more(schema["type"])
    if "null" not in names:
        schema["type"] = [*names, "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema
