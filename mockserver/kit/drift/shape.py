"""The shape of values: the narrowest plain schema that they all fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

MOST_NAMES: Final = 64
"""Properties of one object; with more, its keys count as data."""
DEEPEST: Final = 12
_ORDER: Final[tuple[str, ...]] = ("string", "integer", "number", "boolean", "object", "array", "null")


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def joined(kinds: Iterable[str]) -> str | list[str]:
    """Types as the keyword `type` writes them; a number includes an integer."""
    distinct = set(kinds)
    if "number" in distinct:
        distinct.discard("integer")
    names = [name for name in _ORDER if name in distinct]
    return names[0] if len(names) == 1 else names


def type_names(written: str | list[str]) -> list[str]:
    """The types that the keyword `type` names."""
    return [written] if isinstance(written, str) else written


@dataclass(slots=True)
class Shape:
    """Grows with each value that is added."""

    kinds: set[str] = field(default_factory=set)
    names: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    is_data: bool = False

    def add(self, value: Any, depth: int = 0) -> None:
        """Widen the shape so that it fits one more value."""
        self.kinds.add(kind_of(value))
        if depth >= DEEPEST:
            return
        if isinstance(value, dict):
            for name, part in value.items():
                self._name(name).add(part, depth + 1)
        elif isinstance(value, list):
            self.items = self.items or Shape()
            for part in value:
                self.items.add(part, depth + 1)

    def join(self, other: Shape) -> None:
        """Widen the shape so that it fits all that another shape fits."""
        self.kinds |= other.kinds
        self.is_data = self.is_data or other.is_data
        for name, shape in other.names.items():
            self._name(name).join(shape)
        if other.items is not None:
            self.items = self.items or Shape()
            self.items.join(other.items)

    def _name(self, name: str) -> Shape:
        shape = self.names.setdefault(name, Shape())
        self.is_data = self.is_data or len(self.names) > MOST_NAMES
        return shape

    def schema(self, provenance: str, *, named: bool = True) -> dict[str, Any]:
        """As JSON Schema; `provenance` stands at every property, and here if it is `named`."""
        schema: dict[str, Any] = {}
        if self.kinds - {"null"}:
            schema["type"] = joined(self.kinds)
        if self.names and not self.is_data:
            schema["properties"] = {name: part.schema(provenance) for name, part in self.names.items()}
        if self.items is not None and self.items.kinds:
            schema["items"] = self.items.schema(provenance, named=False)
        if named:
            schema["x-provenance"] = provenance
        return schema
