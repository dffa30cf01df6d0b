"""A schema as a list of fields: what each may hold, under which condition, and by which source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from mockserver.contract import pointer
from mockserver.contract.formats import image_expected
from mockserver.contract.provenance import KEY, split
from mockserver.contract.unchecked import object_in, one_or_more

Schema = Mapping[str, Any]
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or field. `place` is body, path, query or header; `when` is the condition, if any."""

    place: str
    name: str
    type: str
    required: bool
    allowed: str
    default: str
    when: str
    tag: str
    source: str


def of_parameter(document: Schema, node: Schema) -> Field:
    """The field of a parameter whose references are resolved."""
    schema = _resolved(document, node.get("schema", {}))
    return _field(
        schema | {KEY: node.get(KEY, schema.get(KEY, ""))},
        node["in"],
        node["name"],
        bool(node.get("required")),
    )


def of_body(document: Schema, schema: Any) -> Iterator[Field]:
    """The fields of a JSON body, depth first; `a.b` is in an object, `a[].b` in each item of an array."""
    listed: dict[Field, None] = {}
    first: dict[str, Field] = {}
    for field in _fields(document, schema, "", "", _DEEPEST):
        earlier = first.setdefault(field.name, field)
        if not field.tag:
            field = replace(field, tag=earlier.tag, source=earlier.source)
        listed.setdefault(field)
    yield from listed


def _fields(document: Schema, node: Any, name: str, when: str, depth: int) -> Iterator[Field]:
    schema = _resolved(document, node)
    if "x-rule" in schema or depth == 0:
        return
    needed = schema.get("required", ())
    properties = schema.get("properties", {})
    for key, child in properties.items():
        yield from _property(document, child, _joined(name, key), key in needed, when, depth)
    if when:
        for key in needed:
            if key not in properties:
                yield Field("body", _joined(name, key), "", True, "", "", when, *split(schema.get(KEY, "")))
    if isinstance(schema.get("items"), dict):
        yield from _fields(document, schema["items"], f"{name}[]", when, depth - 1)
    for part, condition in (*_hidden(node), *_subschemas(document, schema)):
        yield from _fields(document, part, name, " and ".join(filter(None, (when, condition))), depth - 1)


def _property(
    document: Schema, node: Any, name: str, required: bool, when: str, depth: int
) -> Iterator[Field]:
    schema = _resolved(document, node)
    inner = list(_fields(document, schema, name, when, depth - 1))
    if not when or not inner or required:
        yield _field(schema, "body", name, required, when)
    yield from inner


def _hidden(node: Any) -> Iterator[tuple[Any, str]]:
    """What a schema refers to, where its own properties stand in front of those."""
    if {"$ref", "properties"} <= object_in(node).keys():
        yield {"$ref": node["$ref"]}, ""


def _subschemas(document: Schema, schema: Schema) -> Iterator[tuple[Any, str]]:
    """The schemas that apply to the same value, each with its condition."""
    for part in schema.get("allOf", ()):
        yield part, ""
    for key in ("anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield part, "one of several"
    for name, part in schema.get("dependentSchemas", {}).items():
        yield part, f"{name} is sent"
    if "if" in schema:
        condition = condition_text(document, schema["if"])
        yield schema.get("then", {}), condition
        yield schema.get("else", {}), f"not ({condition})"


def condition_text(document: Schema, node: Any, name: str = "") -> str:
    """A condition in words."""
    schema = _resolved(document, node)
    parts = [
        condition_text(document, child, _joined(name, key))
        for key, child in schema.get("properties", {}).items()
    ]
    parts += [
        f"{_joined(name, key)} is sent"
        for key in schema.get("required", ())
        if key not in schema.get("properties", {})
    ]
    parts += [condition_text(document, part, name) for part in schema.get("allOf", ())]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            parts.append(f"({' or '.join(condition_text(document, part, name) for part in schema[key])})")
    if "not" in schema:
        parts.append(f"not ({condition_text(document, schema['not'], name)})")
    if "contains" in schema:
        parts.append(condition_text(document, schema["contains"], f"{name}[]"))
    limits = allowed(schema) or str(schema.get("type", ""))
    if limits and (name or not parts):
        if not limits.startswith("matches"):
            limits = f"is {limits}"
        parts.append(f"{name or 'the value'} {limits}")
    return " and ".join(filter(None, parts)) or f"{name or 'the value'} is there"


def _field(schema: Schema, place: str, name: str, required: bool, when: str = "") -> Field:
    default = ""
    if "default" in schema:
        default = _as_json(schema["default"])
    provenance = split(str(schema.get(KEY, "")))
    return Field(place, name, _type(schema), required, allowed(schema), default, when, *provenance)


def _resolved(document: Schema, node: Any) -> dict[str, Any]:
    """The node with all it refers to; its own keywords win. `x-never` marks the schema `false`."""
    whole: dict[str, Any] = {}
    for _ in range(_DEEPEST):
        if not isinstance(node, Mapping):
            break
        whole = {**node, **whole}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            break
        node = pointer.follow(document, pointer.parts(reference.removeprefix("#")))
    if node is False:
        return {"x-never": True}
    return whole


def _joined(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _type(schema: Schema) -> str:
    names = list(one_or_more(schema.get("type", "")))
    inner = object_in(schema.get("items")).get("type")
    if "array" in names and isinstance(inner, str):
        names[names.index("array")] = f"array of {inner}"
    return " or ".join(names)


def allowed(schema: Schema) -> str:
    """The values that the schema's own keywords allow, in words; empty for any value of its type."""
    if "x-never" in schema:
        return "never sent"
    words = [write(schema[key]) for key, write in _WRITERS.items() if key in schema]
    words += [
        _range(schema, low, high, unit) for low, high, unit in _RANGES if low in schema or high in schema
    ]
    return ", ".join(filter(None, words))


def _range(schema: Schema, low: str, high: str, unit: str) -> str:
    if low in schema and high in schema:
        text = f"{schema[low]} to {schema[high]}"
    elif low in schema:
        text = f"at least {schema[low]}"
    else:
        text = f"at most {schema[high]}"
    if text.endswith(" 1"):
        unit = unit.removesuffix("s")
    return f"{text} {unit}".strip()


def _format(value: Any) -> str:
    if value == "uri-reference":
        return ""  # any text is one
    return str(value)


def _as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "const": _as_json,
    "enum": lambda values: " | ".join(_as_json(value) for value in values),
    "exclusiveMinimum": lambda value: f"more than {value}",
    "exclusiveMaximum": lambda value: f"less than {value}",
    "multipleOf": lambda value: f"a multiple of {value}",
    "pattern": lambda value: f"matches {value}",
    "format": _format,
    "x-image": image_expected,
}
_RANGES: Final = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "items"),
)
