"""Finds what a contract says and nothing obeys: unknown keywords, limits beside another type, dead ends."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.contract import nodes, pointer
from mockserver.contract.nodes import NodePlace, PlacedMessage, Schema
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.unchecked import keys_in, list_in, object_in, one_or_more

_OF_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType", "contentSchema"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": (
        "items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems",
        "uniqueItems", "unevaluatedItems",
    ),
    "object": (
        "properties", "patternProperties", "additionalProperties", "propertyNames", "required",
        "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
        "discriminator",
    ),
}  # fmt: skip
LIMITED: Final = {key: name for name, words in _OF_TYPE.items() for key in words}
_ANY_TYPE: Final = frozenset({
    "$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "$defs",
    "type", "enum", "const", "format", "title", "description", "default", "deprecated", "readOnly",
    "writeOnly", "examples", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
    "example", "xml", "externalDocs",
})  # fmt: skip
KNOWN: Final = _ANY_TYPE | LIMITED.keys()
"""The keywords of JSON Schema 2020-12, and those that OpenAPI 3.1 adds."""
_INSTEAD: Final[Mapping[str, str]] = {
    "nullable": "write 'null' as one of the types",
    "definitions": "write '$defs'",
    "dependencies": "write 'dependentRequired' or 'dependentSchemas'",
    "id": "write '$id', or leave it out",
    "$recursiveRef": "write '$dynamicRef'",
    "$recursiveAnchor": "write '$dynamicAnchor'",
    "additionalItems": "write 'items' beside 'prefixItems'",
    "divisibleBy": "write 'multipleOf'",
}
"""Keywords of other dialects, and what to write in this one."""
_COMPARED: Final = 200
"""Characters of a key that are compared with the keywords."""


def check_idle_schemas(files: Source, schemas: Sequence[Schema]) -> Iterator[PlacedMessage]:
    """What does nothing in each schema that can be reached."""
    for schema in schemas:
        yield from _unknown(schema)
        yield from _beside_the_type(schema)
        yield from _without_partner(schema)
        yield from _mappings(files, schema)
        yield from _impossible(schema)


def _unknown(schema: Schema) -> Iterator[PlacedMessage]:
    for key in schema.node:
        if key in KNOWN or key.startswith("x-"):
            continue
        advice = _INSTEAD.get(key, "")
        for similar in [] if advice else difflib.get_close_matches(key[:_COMPARED], sorted(KNOWN), 1, 0.7):
            advice = f"did you mean {similar!r}?"
        message = f"{key[:_COMPARED]!r} is not a keyword of JSON Schema 2020-12, so it does nothing"
        yield schema.place.child(key), f"{message}; {advice}" if advice else message


def _beside_the_type(schema: Schema) -> Iterator[PlacedMessage]:
    names = [name for name in one_or_more(schema.node.get("type", [])) if isinstance(name, str)]
    allowed = {"number" if name == "integer" else name for name in names}
    if not allowed:
        return
    for key in schema.node:
        limited = LIMITED.get(key)
        if limited is not None and limited not in allowed:
            types = " or ".join(names)
            yield schema.place.child(key), f"{key!r} limits values of type {limited}, and the type is {types}"


_PARTNERS: Final = (
    ("then", "if"),
    ("else", "if"),
    ("minContains", "contains"),
    ("maxContains", "contains"),
)


def _without_partner(schema: Schema) -> Iterator[PlacedMessage]:
    for key, partner in _PARTNERS:
        if key in schema.node and partner not in schema.node:
            yield schema.place.child(key), f"{key!r} does nothing without {partner!r}"
    if "if" in schema.node and not schema.node.keys() & {"then", "else"}:
        yield schema.place.child("if"), "'if' does nothing without 'then' or 'else'"


def _mappings(files: Source, schema: Schema) -> Iterator[PlacedMessage]:
    mapping = object_in(object_in(schema.node.get("discriminator")).get("mapping"))
    for word, goal in mapping.items():
        at = schema.place.child("discriminator", "mapping", word)
        if not isinstance(goal, str) or not _leads_somewhere(files, at, goal):
            yield at, f"the mapping leads nowhere: there is no schema {goal!r}"


def _leads_somewhere(files: Source, at: NodePlace, goal: str) -> bool:
    named = NodePlace(DOCUMENT, "").child("components", "schemas", goal)
    return any(nodes.follow(files, place) is not pointer.ABSENT for place in (named, nodes.target(at, goal)))


def _impossible(schema: Schema) -> Iterator[PlacedMessage]:
    """Required names that a closed object cannot have; patterns are the validator's, so they are trusted."""
    if schema.node.get("additionalProperties") is not False or schema.condition:
        return
    known = object_in(schema.node.get("properties"))
    patterns = list(object_in(schema.node.get("patternProperties")))
    for index, name in enumerate(list_in(schema.node.get("required"))):
        if isinstance(name, str) and name not in known and not patterns:
            at = schema.place.child("required", index)
            yield at, f"no object can be valid: {name!r} is required, and unnamed keys are refused"


def check_states(files: Source) -> Iterator[PlacedMessage]:
    """States that a job never has, because it does not begin there and no other state leads to them."""
    document = files.files[DOCUMENT]
    states = object_in(pointer.follow(document, ("x-job", "states")))
    following = {word: list_in(object_in(state).get("next")) for word, state in states.items()}
    reached = _reached(following)
    if any(_role(files, place) == "cancel" for place in nodes.operations(files)):
        reached |= {word for word, state in states.items() if object_in(state).get("phase") == "cancelled"}
    for word in states:
        if word not in reached:
            at = NodePlace(DOCUMENT, "").child("x-job", "states", word)
            yield at, f"no state leads to {word!r}, and no job begins in it"


def _role(files: Source, place: NodePlace) -> Any:
    return nodes.follow(files, place.child("x-job", "role"))


def _reached(following: Mapping[str, list[Any]]) -> set[str]:
    """The words on any way from the first state; a job begins in the first that follows no other."""
    followers = [word for words in following.values() for word in words]
    first = next((word for word, words in following.items() if words and word not in followers), None)
    pending = [first if first is not None else next(iter(following), "")]
    reached: set[str] = set()
    while pending:
        word = pending.pop()
        if isinstance(word, str) and word in following and word not in reached:
            reached.add(word)
            pending += following[word]
    return reached


_REFERENCE: Final = re.compile(r"^(?:\.\./openapi\.json)?#/components/([^/]+)/([^/]+)")


def check_components(files: Source) -> Iterator[PlacedMessage]:
    """Components of the document that no reference names; security schemes are named without one."""
    document = files.files[DOCUMENT]
    named = {match.groups() for text in references(files.files) if (match := _REFERENCE.match(text))}
    for kind, components in object_in(document.get("components")).items():
        if kind == "securitySchemes" or kind.startswith("x-"):
            continue
        for name in keys_in(components):
            if (kind, str(name).replace("~", "~0").replace("/", "~1")) not in named:
                at = NodePlace(DOCUMENT, "").child("components", kind, name)
                yield at, "no reference leads to this component"


def references(node: Any) -> Iterator[str]:
    """The texts of all `$ref` in a document."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            pending += node.values()
            for key, value in node.items():
                if isinstance(value, str) and (key == "$ref" or "#/" in value):
                    yield value
