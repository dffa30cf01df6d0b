"""The shape of seen values: the narrowest plain schema that they all fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

MOST_NAMES: Final = 64
"""Properties of one object; with more its keys are taken for data."""
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
    return "array" if isinstance(value, list) else "object"


def joined(kinds: Iterable[str]) -> str | list[str]:
    """Types as the keyword `type` has them; an integer is a number."""
    found = set(kinds)
    if "number" in found:
        found.discard("integer")
    names = [name for name in _ORDER if name in found]
    return names[0] if len(names) == 1 else names


@dataclass(slots=True)
class Shape:
    """Grows with each value it is shown."""

    kinds: set[str] = field(default_factory=set)
    names: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    is_data: bool = False

    def see(self, value: Any, depth: int = 0) -> None:
        """Take one value in."""
        self.kinds.add(kind_of(value))
        if depth >= DEEPEST:
            return
        if isinstance(value, dict):
            for name, part in value.items():
                self._name(name).see(part, depth + 1)
        elif isinstance(value, list):
            self.items = self.items or Shape()
            for part in value:
                self.items.see(part, depth + 1)

    def join(self, other: Shape) -> None:
        """Take in what another shape has seen."""
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
        found: dict[str, Any] = {}
        if self.kinds - {"null"}:
            found["type"] = joined(self.kinds)
        if self.names and not self.is_data:
            found["properties"] = {name: part.schema(provenance) for name, part in self.names.items()}
        if self.items is not None and self.items.kinds:
            found["items"] = self.items.schema(provenance, named=False)
        return {**found, "x-provenance": provenance} if named else found
