"""Reads and checks the parameters of an operation beside its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.validate import Validator
from mockserver.contract.violation import Violation
from mockserver.numerals import decimal_number, integer

_PLAIN: Final = frozenset({
    "type", "x-provenance", "description", "examples", "title", "default", "format", "minLength"
})  # fmt: skip
"""Keywords of a parameter's schema that no text in a path violates: formats only annotate."""


class Parameters:
    """Reads and checks the path, query and header parameters of an operation, which arrive as texts.

    `reads_headers` says that some are headers, `accepts_any_path` that all are in the path and take any text.
    """

    def __init__(
        self, schemas: Mapping[tuple[str, str], Mapping[str, Any]], validator: Validator | None
    ) -> None:
        self._readers = [(place, name, reader(schema)) for (place, name), schema in schemas.items()]
        self._known = frozenset(schemas)
        self.reads_headers = any(place == "header" for place, _ in schemas)
        self.accepts_any_path = all(
            place == "path" and _is_plain(schema) for (place, _), schema in schemas.items()
        )
        self._validator = validator

    def names(self, place: str) -> frozenset[str]:
        """The names of those in a place: path, query or header (in lower case)."""
        return frozenset(name for where, name in self._known if where == place)

    def read(
        self, values: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Mapping[str, Mapping[str, Any]], list[Violation]]:
        """The values by place and name, with the types of the contract, and their violations."""
        if self.accepts_any_path:
            return values, []
        typed: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        for place, name, reader in self._readers:
            value = values[place].get(name)
            if value is not None:
                typed[place][name] = reader(value)
        if self._validator is None or self._validator.is_valid(typed):
            return typed, []
        return typed, [_parameter_violation(violation) for violation in self._validator.explain(typed)]

    def unknown(self, query: Mapping[str, Any]) -> list[str]:
        """Names in the query string that are no parameters."""
        return [name for name in query if ("query", name) not in self._known]


def may_refuse(parameter: Mapping[str, Any]) -> bool:
    """Whether some value of a parameter, or its absence, violates the contract."""
    schema = parameter.get("schema", {})
    if parameter["in"] == "path":
        return schema.get("type", "string") != "string" or bool(_LIMITS & schema.keys())
    return parameter["in"] == "query" or bool(parameter.get("required")) or bool(schema.keys() & _ANY_LIMITS)


_LIMITS: Final = frozenset(
    {"enum", "const", "pattern", "maxLength", "$ref", "allOf", "anyOf", "oneOf", "not"}
)
_ANY_LIMITS: Final = _LIMITS | {"minLength"}


def _is_plain(schema: Mapping[str, Any]) -> bool:
    # What stands in a path is never empty.
    return schema.get("type") == "string" and not schema.keys() - _PLAIN and schema.get("minLength", 1) <= 1


def _parameter_violation(violation: Violation) -> Violation:
    place, *rest = pointer.parts(violation.pointer)
    return violation._replace(place=place, pointer=pointer.write(rest))


def reader(schema: Mapping[str, Any]) -> Callable[[Any], Any]:
    """What makes of a text in a path or query the value that its schema means; other texts stay."""
    return _READERS.get(str(schema.get("type")), lambda value: value)


def _integer(text: Any) -> Any:
    if not isinstance(text, str) or (number := integer(text)) is None:
        return text
    return number


def _number(text: Any) -> Any:
    number = decimal_number(text) if isinstance(text, str) else None
    return text if number is None else number


def _boolean(text: Any) -> Any:
    if text == "true":
        return True
    if text == "false":
        return False
    return text


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
