"""Values that a schema allows: the shortest, and one with everything that it names.

They are proposals: a rule that joins fields may refuse one, so ask the validator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.unchecked import list_in, object_in, one_or_more

_DEEPEST: Final = 10
_MOST_ITEMS: Final = 64
_MOST_TEXT: Final = 100_000
_OF_FORMAT: Final[Mapping[str, str]] = {
    "date-time": "2026-01-02T03:04:05.678Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "uri": "https://example.com/sample",
    "url": "https://example.com/sample",
    "uri-reference": "https://example.com/sample",
    "uuid": "3f2b6c1e-8a4d-4b7e-9c05-d1e2f3a4b5c6",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
_COMBINED: Final = ("allOf", "anyOf", "oneOf")


class Sampler:
    """Makes values of schemas whose references are found by `find`; `full` with all that they name."""

    def __init__(self, find: Callable[[str], Any], *, full: bool = False) -> None:
        self._find = find
        self._full = full

    def value(self, schema: Any, depth: int = 0) -> Any:
        """One value; None where the schema leads too deep or takes nothing."""
        return next(self.values(schema, depth), None)

    def values(self, schema: Any, depth: int = 0) -> Iterator[Any]:
        """Values that may be valid, the likeliest first: what the schema shows, then what it allows."""
        if depth > _DEEPEST or not isinstance(schema, dict):
            return
        node = self._merged(schema)
        if "const" in node:
            yield node["const"]
            return
        yield from self._shown(node)
        for name in self._types(node):
            yield self._of_type(name, node, depth)

    def _merged(self, schema: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
        """The schema with what it refers to, all of `allOf`, and the first of `anyOf` and `oneOf`."""
        node = {key: value for key, value in schema.items() if key not in ("$ref", *_COMBINED)}
        if depth > _DEEPEST:
            return node
        parts = [self._find(schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
        parts += list_in(schema.get("allOf"))
        for key in ("anyOf", "oneOf"):
            parts += list_in(schema.get(key))[:1]
        for part in parts:
            node = _laid(node, self._merged(object_in(part), depth + 1))
        return node

    def _shown(self, node: Mapping[str, Any]) -> Iterator[Any]:
        if not self._full or "properties" not in node:
            yield from list_in(node.get("examples"))
            if "example" in node:
                yield node["example"]
            if "default" in node and node["default"] is not None:
                yield node["default"]
        yield from list_in(node.get("enum"))

    def _types(self, node: Mapping[str, Any]) -> list[str]:
        names = [str(name) for name in one_or_more(node.get("type", []))]
        if not names:
            names = ["object"] if "properties" in node or "required" in node else ["array"]
            if names == ["array"] and "items" not in node:
                names = ["string"]
        return sorted(names, key=lambda name: name == "null")

    def _of_type(self, name: str, node: Mapping[str, Any], depth: int) -> Any:
        match name:
            case "object":
                return self._object(node, depth)
            case "array":
                return self._array(node, depth)
            case "string":
                return text(node)
            case "integer" | "number":
                return number(node, whole=name == "integer")
            case "boolean":
                return False
        return None

    def _object(self, node: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = object_in(node.get("properties"))
        required = [name for name in list_in(node.get("required")) if isinstance(name, str)]
        names = dict.fromkeys([*required, *(properties if self._full else ())])
        rest = node.get("additionalProperties")
        values: dict[str, Any] = {}
        for name in names:
            schema = properties.get(name, object_in(rest))
            if schema is False or (name not in required and depth >= _DEEPEST - 4):
                continue
            values[name] = self.value(schema, depth + 1)
        return values

    def _array(self, node: Mapping[str, Any], depth: int) -> list[Any]:
        first = [self.value(part, depth + 1) for part in list_in(node.get("prefixItems"))]
        least = max(int(node.get("minItems", 0)), int(self._full))
        if not isinstance(node.get("items"), dict):
            return first
        while len(first) < min(least, _MOST_ITEMS, int(node.get("maxItems", least))):
            first.append(self.value(node["items"], depth + 1))
        return first


def _laid(node: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    laid = {**other, **node}
    if "properties" in node and "properties" in other:
        laid["properties"] = {**other["properties"], **node["properties"]}
    required = [*list_in(node.get("required")), *list_in(other.get("required"))]
    if required:
        laid["required"] = list(dict.fromkeys(required))
    return laid


def text(node: Mapping[str, Any]) -> str:
    """A text of the schema's format and length."""
    value = _OF_FORMAT.get(str(node.get("format")), "")
    least = min(int(node.get("minLength", 0)), _MOST_TEXT)
    if not value and least <= 6:
        value = "sample"
    most = node.get("maxLength")
    value = value.ljust(least, "x")
    if isinstance(most, int):
        return value[:most]
    return value


def number(node: Mapping[str, Any], *, whole: bool) -> float | int:
    """The least number that the schema allows from zero upwards."""
    step = node.get("multipleOf", 1)
    value = node.get("minimum", 0)
    if "exclusiveMinimum" in node:
        value = node["exclusiveMinimum"] + (step if whole or step != 1 else 0.5)
    most = node.get("maximum", node.get("exclusiveMaximum"))
    if most is not None and value > most:
        value = most
    if whole and value != int(value):
        value = int(value) + 1
    if "multipleOf" in node and step and value % step:
        value = (value // step + 1) * step
    return int(value) if whole else float(value)


def finder(document: Mapping[str, Any]) -> Callable[[str], Any]:
    """Finds references into a bundled document."""
    return lambda reference: pointer.follow(document, pointer.parts(reference.removeprefix("#")))
