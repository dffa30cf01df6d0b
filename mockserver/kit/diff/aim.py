"""Changes an object, step by step, until a schema allows it or refuses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from mockserver.kit.diff.node import Node

Object = dict[str, Any]
_DEEPEST: Final = 8
_WAYS: Final = 6
"""Ways that are tried for one constraint."""
_CLOSING: Final = ("additionalProperties", "unevaluatedProperties")


class Aim:
    """Searches near an object. `valid` judges, `values` makes values of a schema, `pool` has values of fields
    by their names. Fields in `fixed` stay as they are.
    """

    def __init__(
        self,
        valid: Callable[[Node, Any], bool],
        values: Callable[[Node], Sequence[Any]],
        pool: Mapping[str, Sequence[Any]],
        most_checks: int,
    ) -> None:
        """After `most_checks` by `valid` the search comes to an end."""
        self._judge = valid
        self._values = values
        self._pool = pool
        self._checks_left = most_checks

    def into(
        self, schema: Node, value: Object, fixed: frozenset[str] = frozenset(), depth: int = _DEEPEST
    ) -> Iterator[Object]:
        """Objects like `value` that the schema allows."""
        if self._valid(schema, value):
            yield value
        elif depth and self._checks_left > 0:
            for step in islice(self._steps(schema, value, fixed, depth - 1), _WAYS):
                if step != value:
                    yield from self.into(schema, step, fixed, depth - 1)

    def out_of(
        self, schema: Node, value: Object, fixed: frozenset[str] = frozenset(), depth: int = _DEEPEST
    ) -> Iterator[Object]:
        """Objects like `value` that the schema refuses."""
        if not self._valid(schema, value):
            yield value
        elif depth and self._checks_left > 0:
            yield from self._fields_broken(schema, value, fixed)
            yield from self._parts_broken(schema, value, fixed, depth - 1)

    def _valid(self, schema: Node, value: Any) -> bool:
        self._checks_left -= 1
        return self._judge(schema, value)

    def _steps(self, schema: Node, value: Object, fixed: frozenset[str], depth: int) -> Iterator[Object]:
        """Changes that help with one of the constraints that the value breaks."""
        fields = schema.children("properties")
        for name in schema.required():
            if name not in value and name not in fixed:
                yield from self._with(value, name, fields.get(name), wanted=True)
        for name, field in fields.items():
            if name in value and name not in fixed and not self._valid(field, value[name]):
                yield from self._with(value, name, field, wanted=True)
                yield _without(value, name)
        if any(schema.child(key).never for key in _CLOSING):
            known = fields.keys() | fixed
            yield {name: part for name, part in value.items() if name in known}
        for part in schema.parts("allOf"):
            if not self._valid(part, value):
                yield from self.into(part, value, fixed, depth)
        yield from self._alternatives(schema, value, fixed, depth)

    def _alternatives(
        self, schema: Node, value: Object, fixed: frozenset[str], depth: int
    ) -> Iterator[Object]:
        for key in ("anyOf", "oneOf"):
            for part in schema.parts(key):
                if not self._valid(part, value):
                    yield from islice(self.into(part, value, fixed, depth), 1)
        if schema.has("not") and self._valid(schema.child("not"), value):
            yield from self.out_of(schema.child("not"), value, fixed, depth)
        if not schema.has("if"):
            return
        condition = schema.child("if")
        holds = self._valid(condition, value)
        yield from self.into(schema.child("then" if holds else "else"), value, fixed, depth)
        yield from (self.out_of if holds else self.into)(condition, value, fixed, depth)

    def _fields_broken(self, schema: Node, value: Object, fixed: frozenset[str]) -> Iterator[Object]:
        for name in schema.required():
            if name in value and name not in fixed:
                yield _without(value, name)
        for name, field in schema.children("properties").items():
            if name not in fixed:
                yield from self._with(value, name, field, wanted=False)

    def _parts_broken(
        self, schema: Node, value: Object, fixed: frozenset[str], depth: int
    ) -> Iterator[Object]:
        for part in schema.parts("allOf"):
            yield from self.out_of(part, value, fixed, depth)
        for key in ("anyOf", "oneOf"):
            if schema.has(key):
                yield from self._all_broken(schema.parts(key), value, fixed, depth)
        for name, part in schema.children("dependentSchemas").items():
            held = [value] if name in value else self._with(value, name, None, wanted=True)
            for start in islice(held, 1):
                yield from self.out_of(part, start, fixed, depth)
        yield from self._rule_broken(schema, value, fixed, depth)

    def _rule_broken(
        self, schema: Node, value: Object, fixed: frozenset[str], depth: int
    ) -> Iterator[Object]:
        if schema.has("not"):
            yield from self.into(schema.child("not"), value, fixed, depth)
        if not schema.has("if"):
            return
        condition = schema.child("if")
        for start in islice(self.into(condition, value, fixed, depth), _WAYS):
            yield from self.out_of(schema.child("then"), start, fixed, depth)
        for start in islice(self.out_of(condition, value, fixed, depth), _WAYS):
            yield from self.out_of(schema.child("else"), start, fixed, depth)

    def _all_broken(
        self, parts: Sequence[Node], value: Object, fixed: frozenset[str], depth: int
    ) -> Iterator[Object]:
        for part in parts:
            broken = next(self.out_of(part, value, fixed, depth), None)
            if broken is None:
                return
            value = broken
        yield value

    def _with(self, value: Object, name: str, field: Node | None, *, wanted: bool) -> Iterator[Object]:
        """The value with a few values of a field that its schema allows, or does not."""
        made = [*self._pool.get(name, ()), *(self._values(field) if field else ()), 1]
        fitting = (part for part in made if field is None or self._valid(field, part) is wanted)
        for part in islice(fitting, _WAYS):
            yield value | {name: part}


def _without(value: Object, name: str) -> Object:
    return {key: part for key, part in value.items() if key != name}
