"""A schema as a list of fields: what each may hold, under which condition, and who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from mockserver.contract import pointer
from mockserver.contract.formats import image_expected
from mockserver.contract.provenance import KEY, split

Schema = Mapping[str, Any]
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or field. `place` is body, path, query or header; `when` is empty if it is always so."""

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
    """A parameter that is no reference any more."""
    schema = _whole(document, node.get("schema", {}))
    return _field(
        schema | {KEY: node.get(KEY, schema.get(KEY, ""))},
        node["in"],
        node["name"],
        bool(node.get("required")),
    )


def of_body(document: Schema, schema: Any) -> Iterator[Field]:
    """The fields of a JSON body, depth first; `a.b` is in an object, `a[].b` in each item of an array."""
    seen: dict[Field, None] = {}
    first: dict[str, Field] = {}
    for field in _inner(document, schema, "", "", _DEEPEST):
        known = first.setdefault(field.name, field)
        said = field if field.tag else replace(field, tag=known.tag, source=known.source)
        seen.setdefault(said)
    yield from seen


def _inner(document: Schema, node: Any, name: str, when: str, depth: int) -> Iterator[Field]:
    schema = _whole(document, node)
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
        yield from _inner(document, schema["items"], f"{name}[]", when, depth - 1)
    for part, condition in _beside(document, schema):
        yield from _inner(document, part, name, " and ".join(filter(None, (when, condition))), depth - 1)


def _property(
    document: Schema, node: Any, name: str, required: bool, when: str, depth: int
) -> Iterator[Field]:
    schema = _whole(document, node)
    inner = list(_inner(document, schema, name, when, depth - 1))
    if not when or not inner or required:
        yield _field(schema, "body", name, required, when)
    yield from inner


def _beside(document: Schema, schema: Schema) -> Iterator[tuple[Any, str]]:
    """Schemas of the same value, each with its condition."""
    for part in schema.get("allOf", ()):
        yield part, ""
    for key in ("anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield part, "one of several"
    for name, part in schema.get("dependentSchemas", {}).items():
        yield part, f"{name} is sent"
    if "if" in schema:
        condition = said(document, schema["if"])
        yield schema.get("then", {}), condition
        yield schema.get("else", {}), f"not ({condition})"


def said(document: Schema, node: Any, name: str = "") -> str:
    """A condition in words."""
    schema = _whole(document, node)
    parts = [said(document, child, _joined(name, key)) for key, child in schema.get("properties", {}).items()]
    parts += [
        f"{_joined(name, key)} is sent"
        for key in schema.get("required", ())
        if key not in schema.get("properties", {})
    ]
    parts += [said(document, part, name) for part in schema.get("allOf", ())]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            parts.append(f"({' or '.join(said(document, part, name) for part in schema[key])})")
    if "not" in schema:
        parts.append(f"not ({said(document, schema['not'], name)})")
    if "contains" in schema:
        parts.append(said(document, schema["contains"], f"{name}[]"))
    limits = allowed(schema) or str(schema.get("type", ""))
    if limits and (name or not parts):
        verb = "" if limits.startswith("matches") else "is "
        parts.append(f"{name or 'the value'} {verb}{limits}")
    return " and ".join(filter(None, parts)) or f"{name or 'the value'} is there"


def _field(schema: Schema, place: str, name: str, required: bool, when: str = "") -> Field:
    default = _json(schema["default"]) if "default" in schema else ""
    return Field(
        place, name, _type(schema), required, allowed(schema), default, when, *split(str(schema.get(KEY, "")))
    )


def _whole(document: Schema, node: Any) -> dict[str, Any]:
    """The node with all it refers to, its own words first; `x-never` marks the schema `false`."""
    whole: dict[str, Any] = {}
    for _ in range(_DEEPEST):
        if not isinstance(node, Mapping):
            break
        whole = {**node, **whole}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            break
        node = pointer.follow(document, pointer.parts(reference.removeprefix("#")))
    return {"x-never": True} if node is False else whole


def _joined(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _type(schema: Schema) -> str:
    kind = schema.get("type", "")
    names = kind if isinstance(kind, list) else [kind]
    items = schema.get("items")
    if "array" in names and isinstance(items, dict) and isinstance(items.get("type"), str):
        names = [f"array of {items['type']}" if name == "array" else name for name in names]
    return " or ".join(names)


def allowed(schema: Schema) -> str:
    """What the value's own keywords let it be, in words; empty if anything of its type."""
    if "x-never" in schema:
        return "never sent"
    words = [write(schema[key]) for key, write in _WORDS.items() if key in schema]
    words += [
        _range(schema, low, high, unit) for low, high, unit in _RANGES if low in schema or high in schema
    ]
    return ", ".join(filter(None, words))


def _range(schema: Schema, low: str, high: str, unit: str) -> str:
    if low in schema and high in schema:
        text = f"{schema[low]} to {schema[high]}"
    else:
        text = f"at least {schema[low]}" if low in schema else f"at most {schema[high]}"
    return f"{text} {unit.removesuffix('s') if text.endswith(' 1') else unit}".strip()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "const": _json,
    "enum": lambda values: " | ".join(_json(value) for value in values),
    "exclusiveMinimum": lambda value: f"more than {value}",
    "exclusiveMaximum": lambda value: f"less than {value}",
    "multipleOf": lambda value: f"a multiple of {value}",
    "pattern": lambda value: f"matches {value}",
    "format": lambda value: "" if value == "uri-reference" else str(value),
    "x-image": image_expected,
}
_RANGES: Final = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "items"),
)
