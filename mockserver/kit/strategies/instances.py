"""JSON values by the schemas of a contract, drawn part by part so that nothing has to be thrown away.

An object's properties are drawn in the order in which conditions depend on them. After each, the
schemas are asked whether the rest can still be drawn; if not, another value is taken for this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from mockserver.contract.pointer import write
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.partial_validator import Document, judge
from mockserver.kit.strategies.scalars import SCALARS, choices, least, most, strings
from mockserver.kit.strategies.verdicts import PENDING, pattern

Draw = Callable[[st.SearchStrategy[Any]], Any]
_TRIES: Final = 4
_OPEN: Final = ("string", "integer", "boolean", "null")
_ITEMS: Final = 3
_EITHER: Final = st.booleans()


@cache
def _up_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


@cache
def _counts(low: int, high: int | None, short: bool) -> st.SearchStrategy[int]:
    usual = low + _ITEMS if high is None else min(high, low + _ITEMS)
    if short:
        return st.integers(low, usual)
    ends = st.sampled_from([low] if high is None else [low, high])
    return st.one_of(st.integers(low, usual), ends)


@lru_cache(maxsize=256)
def matching(text: str) -> st.SearchStrategy[str]:
    """Texts that are all of what a pattern finds."""
    return st.from_regex(pattern(text), fullmatch=True)


@subschemas.remembered
def _scalar(
    document: Document, nodes: Sequence[subschemas.Node], wanted: tuple[str, bool]
) -> st.SearchStrategy[Any]:
    """A strategy costs more to build than to draw from."""
    kind, large = wanted
    return strings(nodes, large=large) if kind == "string" else SCALARS[kind](nodes)


class Unsatisfiable(Exception):
    """What was drawn before leaves no value for the rest."""


class Choices(NamedTuple):
    """What is decided from outside: strategies by JSON pointer, large pictures or not, `bold` for texts
    that a condition looks for, `first` the properties to draw before others, `complete` to leave
    nothing out, `focus` a pointer to what shall be there before all else, `short` to keep lists short
    where they may be."""

    overrides: Mapping[str, st.SearchStrategy[Any]]
    large: bool = False
    bold: bool = True
    first: Sequence[str] = ()
    complete: bool = False
    focus: str = ""
    short: bool = False


class InstanceGenerator:
    """Draws values of one document's schemas."""

    def __init__(self, document: Document, draw: Draw, choice: Choices) -> None:
        self.document = document
        self.draw = draw
        self.choice = choice

    def value(self, schemas: Sequence[Any], at: str = "") -> Any:
        """A value that every schema allows. Raises DeadEnd."""
        if at in self.choice.overrides:
            return self.draw(self.choice.overrides[at])
        nodes = subschemas.chosen(self.document, schemas, self._index)
        if any(node.get("not") in ({}, True) for node in nodes):
            raise Unsatisfiable(at)
        allowed = choices(nodes)
        if allowed is not None:
            return self._one_of([value for value in allowed if self._holds(schemas, value)], at)
        kind = self._one_of(subschemas.types(nodes) or self._untyped(nodes), at)
        if kind == "object":
            branched = any("anyOf" in node or "oneOf" in node for node in nodes)
            return self.object([*schemas, *nodes] if branched else schemas, at)
        if kind == "array":
            return self.array(schemas, nodes, at)
        return self.scalar(schemas, nodes, kind, at)

    def _untyped(self, nodes: Sequence[subschemas.Node]) -> list[str]:
        words = {word for node in nodes for word in node}
        for kind, known in (("object", {"properties", "required"}), ("array", {"items", "contains"})):
            if words & known:
                return [kind]
        return list(_OPEN)

    def _index(self, count: int) -> int:
        return int(self.draw(_up_to(count - 1))) if count > 1 else 0

    def _one_of(self, values: Sequence[Any], at: str) -> Any:
        if not values:
            raise Unsatisfiable(at)
        return values[self._index(len(values))]

    def _holds(self, schemas: Sequence[Any], value: Any) -> bool:
        return all(judge(self.document, schema, value) is not False for schema in schemas)

    def scalar(self, schemas: Sequence[Any], nodes: Sequence[subschemas.Node], kind: str, at: str) -> Any:
        """A text, number, boolean or null. Raises DeadEnd."""
        nodes = [*nodes, *self._branches(nodes)]
        strategy = _scalar(self.document, nodes, (kind, self.choice.large))
        if strategy.is_empty:
            raise Unsatisfiable(at)
        for _ in range(_TRIES):
            value = self.draw(strategy)
            if self._holds(schemas, value):
                return value
        raise Unsatisfiable(at)

    def _branches(self, nodes: Sequence[subschemas.Node]) -> list[subschemas.Node]:
        """One side of every `if` that looks at the value itself."""
        found: list[Any] = []
        for node in nodes:
            if "if" in node:
                asked = self.draw(_EITHER)
                side = node.get("then" if asked else "else", True)
                found += [
                    node["if"] if asked else subschemas.negated(self.document, node["if"]),
                    side,
                ]
        return subschemas.chosen(self.document, found, self._index) if found else []

    def array(self, schemas: Sequence[Any], nodes: Sequence[subschemas.Node], at: str) -> list[Any]:
        """Items one by one, first those that `contains` asks for. Raises DeadEnd."""
        items = [node["items"] for node in nodes if "items" in node]
        asked = [
            node["contains"]
            for node in nodes
            if "contains" in node
            for _ in range(node.get("minContains", 1))
        ]
        low, high = least(nodes, "minItems", 0), most(nodes, "maxItems")
        if high is not None and high < max(low, len(asked)):
            raise Unsatisfiable(at)
        count = self._length(max(low, len(asked)), high)
        wanted = [*([part] for part in asked), *[[]] * (count - len(asked))]
        wanted = self.draw(st.permutations(wanted)) if asked else wanted
        return [self.value([*items, *more], f"{at}/{index}") for index, more in enumerate(wanted)]

    def _length(self, low: int, high: int | None) -> int:
        return int(self.draw(_counts(low, high, self.choice.short)))

    def object(self, schemas: Sequence[Any], at: str) -> dict[str, Any]:
        """Properties one by one. Raises DeadEnd."""
        above, _, focus = self.choice.focus.rpartition("/")
        first = (*(self.choice.first if not at else ()), *((focus,) if focus and above == at else ()))
        order = subschemas.order(self.document, schemas, first)
        partial: dict[str, Any] = dict.fromkeys(order, PENDING)
        for name in order:
            self._decide(schemas, partial, name, at)
        listed = subschemas.names(self.document, schemas)
        return {name: partial[name] for name in listed if name in partial}

    def _decide(self, schemas: Sequence[Any], partial: dict[str, Any], name: str, at: str) -> None:
        nodes = list(subschemas.active(self.document, schemas, partial))
        parts = subschemas.properties(self.document, nodes, name)
        needed = any(name in node.get("required", ()) for node in nodes)
        may = (bool(parts) or needed) and subschemas.possible(self.document, parts)
        if needed and not may:
            raise Unsatisfiable(f"{at}/{name}")
        for attempt in range(_TRIES):
            there = needed or (may and self._wanted(f"{at}{write((name,))}"))
            if self._try(schemas, partial, name, self._part(schemas, parts, name, at) if there else PENDING):
                return
            if attempt and not needed and self._try(schemas, partial, name, PENDING):
                return
        self._sweep(schemas, partial, name, parts, at)

    def _wanted(self, at: str) -> bool:
        if self.choice.complete or self.choice.focus.startswith(at):
            return True
        return bool(self.draw(_EITHER))

    def _part(self, schemas: Sequence[Any], parts: Sequence[Any], name: str, at: str) -> Any:
        """A value of a property; sometimes a text that a condition of the object looks for."""
        below = at + write((name,))
        try:
            value = self.value(parts, below)
        except Unsatisfiable:
            return Unsatisfiable
        if not self.choice.bold or not isinstance(value, str) or below in self.choice.overrides:
            return value
        looked = subschemas.hints(self.document, schemas, name)
        if not looked or self._index(4):
            return value
        parts_of = [self.draw(matching(text)) for text in self._some(looked)]
        hinted = " ".join([value[:40], *parts_of])
        return hinted if self._holds(parts, hinted) else value

    def _some(self, found: Sequence[str]) -> list[str]:
        return [found[self._index(len(found))] for _ in range(1 + self._index(2))]

    def _try(self, schemas: Sequence[Any], partial: dict[str, Any], name: str, value: Any) -> bool:
        """Set the property, or leave it out for UNDRAWN, if the rest can be drawn then."""
        if value is Unsatisfiable:
            return False
        changed = {key: kept for key, kept in partial.items() if key != name or value is not PENDING}
        if value is not PENDING:
            changed[name] = value
        if not self._open(schemas, changed):
            return False
        partial.clear()
        partial.update(changed)
        return True

    def _open(self, schemas: Sequence[Any], partial: dict[str, Any]) -> bool:
        if not self._holds(schemas, partial):
            return False
        nodes = list(subschemas.active(self.document, schemas, partial))
        needed = {name for node in nodes for name in node.get("required", ())}
        return all(
            subschemas.possible(self.document, subschemas.properties(self.document, nodes, name))
            for name in needed
            if partial.get(name) is PENDING
        )

    def _sweep(
        self, schemas: Sequence[Any], partial: dict[str, Any], name: str, parts: Sequence[Any], at: str
    ) -> None:
        """The last resort: without the property, then each value of a short list."""
        listed = choices(list(subschemas.active(self.document, parts, PENDING))) or []
        values = [*listed, True, False, "", 0, []] if parts else []
        values.insert(len(values) if self.choice.complete else 0, PENDING)
        for value in values:
            holds = value is PENDING or self._holds(parts, value)
            if holds and self._try(schemas, partial, name, value):
                return
        raise Unsatisfiable(f"{at}/{name}")
