"""JSON values by the schemas of a contract, drawn part by part so that none has to be rejected.

An object's properties are drawn in the order in which conditions depend on them. After each, the schemas
decide whether the rest can still be drawn; if not, the property gets another value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.pointer import write
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.identity_cache import cached_by_identity
from mockserver.kit.strategies.partial_validator import validate_partial
from mockserver.kit.strategies.scalars import SCALARS, choices, least, most, strings
from mockserver.kit.strategies.verdicts import PENDING, Document, pattern

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
    """Lengths of a list, a few above the least; often at a limit, unless `short`."""
    if high is None:
        usual, limits = low + _ITEMS, [low]
    else:
        usual, limits = min(high, low + _ITEMS), [low, high]
    if short:
        return st.integers(low, usual)
    return st.one_of(st.integers(low, usual), st.sampled_from(limits))


@lru_cache(maxsize=256)
def from_pattern(text: str) -> st.SearchStrategy[str]:
    """Texts that a pattern matches as a whole."""
    return st.from_regex(pattern(text), fullmatch=True)


@cached_by_identity
def _scalars(
    document: Document, nodes: Sequence[subschemas.Node], kind: str, large: bool
) -> st.SearchStrategy[Any]:
    # Cached, because a strategy costs more to build than to draw from.
    if kind == "string":
        return strings(nodes, large=large)
    return SCALARS[kind](nodes)


class Unsatisfiable(Exception):
    """The values drawn so far leave none for the rest; the text is the JSON pointer."""


class Choices(NamedTuple):
    """Choices of the caller.

    `overrides` are strategies by JSON pointer. `large` adds pictures of the largest size, `bold` texts that
    a condition looks for. `first` are the properties to draw before others. `complete` leaves nothing out,
    `focus` points to a value that must be there if it can. `short` keeps lists short.
    """

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
        """A value that every schema allows. Raises Unsatisfiable."""
        if at in self.choice.overrides:
            return self.draw(self.choice.overrides[at])
        nodes = subschemas.choose_branches(self.document, schemas, self._index)
        if any(node.get("not") in ({}, True) for node in nodes):
            raise Unsatisfiable(at)
        allowed = choices(nodes)
        if allowed is not None:
            return self._one_of([value for value in allowed if self._holds(schemas, value)], at)
        kind = self._one_of(subschemas.types(nodes) or self._untyped(nodes), at)
        if kind == "object":
            branched = any("anyOf" in node or "oneOf" in node for node in nodes)
            # The branches that were chosen hold beside the schemas they are branches of.
            return self.object([*schemas, *nodes] if branched else schemas, at)
        if kind == "array":
            return self.array(schemas, nodes, at)
        return self.scalar(schemas, nodes, kind, at)

    def _untyped(self, nodes: Sequence[subschemas.Node]) -> list[str]:
        """The types of a value whose schemas name none, by their keywords."""
        words = {word for node in nodes for word in node}
        if words & {"properties", "required"}:
            return ["object"]
        if words & {"items", "contains"}:
            return ["array"]
        return list(_OPEN)

    def _index(self, count: int) -> int:
        if count <= 1:
            return 0
        return int(self.draw(_up_to(count - 1)))

    def _one_of(self, values: Sequence[Any], at: str) -> Any:
        if not values:
            raise Unsatisfiable(at)
        return values[self._index(len(values))]

    def _holds(self, schemas: Sequence[Any], value: Any) -> bool:
        return all(validate_partial(self.document, schema, value) is not False for schema in schemas)

    def scalar(self, schemas: Sequence[Any], nodes: Sequence[subschemas.Node], kind: str, at: str) -> Any:
        """A text, number, boolean or null. Raises Unsatisfiable."""
        nodes = [*nodes, *self._branches(nodes)]
        strategy = _scalars(self.document, nodes, kind, self.choice.large)
        if strategy.is_empty:
            raise Unsatisfiable(at)
        for _ in range(_TRIES):
            value = self.draw(strategy)
            if self._holds(schemas, value):
                return value
        raise Unsatisfiable(at)

    def _branches(self, nodes: Sequence[subschemas.Node]) -> list[subschemas.Node]:
        """One side of every `if` about the value itself: its condition with `then`, or the opposite."""
        sides: list[Any] = []
        for node in nodes:
            if "if" not in node:
                continue
            if self.draw(_EITHER):
                sides += [node["if"], node.get("then", True)]
            else:
                sides += [subschemas.negated(self.document, node["if"]), node.get("else", True)]
        return subschemas.choose_branches(self.document, sides, self._index)

    def array(self, schemas: Sequence[Any], nodes: Sequence[subschemas.Node], at: str) -> list[Any]:
        """A list, with the members that `contains` requires at any place. Raises Unsatisfiable."""
        items = [node["items"] for node in nodes if "items" in node]
        contained: list[Any] = []
        for node in nodes:
            if "contains" in node:
                contained += [node["contains"]] * node.get("minContains", 1)
        low, high = max(least(nodes, "minItems", 0), len(contained)), most(nodes, "maxItems")
        if high is not None and high < low:
            raise Unsatisfiable(at)
        count = self._length(low, high)
        members = [*([part] for part in contained), *[[]] * (count - len(contained))]
        if contained:
            members = self.draw(st.permutations(members))
        return [self.value([*items, *more], f"{at}/{index}") for index, more in enumerate(members)]

    def _length(self, low: int, high: int | None) -> int:
        return int(self.draw(_counts(low, high, self.choice.short)))

    def object(self, schemas: Sequence[Any], at: str) -> dict[str, Any]:
        """An object, property by property. Raises Unsatisfiable."""
        order = subschemas.order(self.document, schemas, self._first(at))
        partial: dict[str, Any] = dict.fromkeys(order, PENDING)
        for name in order:
            self._decide(schemas, partial, name, at)
        listed = subschemas.names(self.document, schemas)
        return {name: partial[name] for name in listed if name in partial}

    def _first(self, at: str) -> tuple[str, ...]:
        """The properties to draw first: the caller's in the whole value, and what leads to the focus."""
        names = () if at else tuple(self.choice.first)
        if self.choice.focus.startswith(f"{at}/"):
            names += (str(pointer.parts(self.choice.focus)[len(pointer.parts(at))]),)
        return names

    def _decide(self, schemas: Sequence[Any], partial: dict[str, Any], name: str, at: str) -> None:
        """Draw one property, or leave it out, so that the schemas can still hold. Raises Unsatisfiable."""
        # A value that is valid by itself may close the way for a property to come, through a condition. So
        # each draw is checked against the whole object, in which what is still to come is PENDING. After a
        # few draws the property is left out, if it may be; the last resort is a list of likely values.
        nodes = list(subschemas.active(self.document, schemas, partial))
        parts = subschemas.properties(self.document, nodes, name)
        needed = any(name in node.get("required", ()) for node in nodes)
        allowed = (bool(parts) or needed) and subschemas.possible(self.document, parts)
        if needed and not allowed:
            raise Unsatisfiable(f"{at}/{name}")
        for attempt in range(_TRIES):
            value: Any = PENDING
            if needed or (allowed and self._wanted(f"{at}{write((name,))}")):
                value = self._part(schemas, parts, name, at)
            if self._try(schemas, partial, name, value):
                return
            if attempt and not needed and self._try(schemas, partial, name, PENDING):
                return
        self._sweep(schemas, partial, name, parts, at)

    def _wanted(self, at: str) -> bool:
        if self.choice.complete or f"{self.choice.focus}/".startswith(f"{at}/"):
            return True
        return bool(self.draw(_EITHER))

    def _part(self, schemas: Sequence[Any], parts: Sequence[Any], name: str, at: str) -> Any:
        """A value of a property, sometimes a text that a condition of the object looks for; Unsatisfiable
        (the class) if there is none."""
        below = at + write((name,))
        try:
            value = self.value(parts, below)
        except Unsatisfiable:
            return Unsatisfiable
        if not self.choice.bold or not isinstance(value, str) or below in self.choice.overrides:
            return value
        patterns = subschemas.looked_for(self.document, schemas, name)
        if not patterns or self._index(4):
            return value
        looked_for = [self.draw(from_pattern(pattern)) for pattern in self._one_or_two(patterns)]
        text = " ".join([value[:40], *looked_for])
        return text if self._holds(parts, text) else value

    def _one_or_two(self, patterns: Sequence[str]) -> list[str]:
        return [patterns[self._index(len(patterns))] for _ in range(1 + self._index(2))]

    def _try(self, schemas: Sequence[Any], partial: dict[str, Any], name: str, value: Any) -> bool:
        """Set the property, or leave it out for PENDING, if the rest can then be drawn."""
        if value is Unsatisfiable:
            return False
        changed = dict(partial)
        if value is PENDING:
            changed.pop(name, None)
        else:
            changed[name] = value
        if not self._is_open(schemas, changed):
            return False
        partial.clear()
        partial.update(changed)
        return True

    def _is_open(self, schemas: Sequence[Any], partial: dict[str, Any]) -> bool:
        """Whether an object may still satisfy the schemas, by all that is certain about it."""
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
        """Try each value of a short list, and to leave the property out. Raises Unsatisfiable."""
        values: list[Any] = []
        if parts:
            listed = choices(list(subschemas.active(self.document, parts, PENDING))) or []
            values = [*listed, True, False, "", 0, []]
        if self.choice.complete:
            values.append(PENDING)
        else:
            values.insert(0, PENDING)
        for value in values:
            holds = value is PENDING or self._holds(parts, value)
            if holds and self._try(schemas, partial, name, value):
                return
        raise Unsatisfiable(f"{at}/{name}")
