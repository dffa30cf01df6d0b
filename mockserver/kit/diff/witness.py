"""Finds a value that proves a breaking change: one side's schema allows it, and the other's refuses it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

from mockserver.contract.validate import SchemaContext, Validator
from mockserver.kit.diff.aim import Aim
from mockserver.kit.diff.candidates import EXTRA, MOST, Candidates, facets
from mockserver.kit.diff.node import Node
from mockserver.media.picture import measure

_TRIES: Final = 4000
_STARTS: Final = 12
_FEW: Final = 8
_CHECKS: Final = 40_000
_CHECKS_TOGETHER: Final = 2_000
"""For a whole whose changes are harmless one by one: mostly there is nothing to find."""


class Level(NamedTuple):
    """The two schemas of a whole value, the allowing one first, and how the next level lies in it.

    `key` is `properties`, `patternProperties` or another keyword that holds the schema; `name` is its name
    there.
    """

    allowing: Node
    refusing: Node
    key: str = ""
    name: str = ""


class Witnesses:
    """Validators by schema, compiled once."""

    def __init__(self) -> None:
        self._contexts: dict[int, SchemaContext] = {}
        self._validators: dict[tuple[int, str], Validator] = {}
        self._candidates = Candidates(self.allows)

    def find(self, levels: Sequence[Level], part: Node) -> Any:
        """A value of the first level that its one schema allows and its other refuses, because of what lies
        at the last level; NONE if there is none among the candidates. `part` is the refusing schema that
        changed, the last level's own or one beside it: it has to refuse, too.
        """
        proofs = list(islice(self._innermost(levels[-1], part), _FEW))
        for level, inner in reversed(list(pairwise(levels))):
            proofs = list(islice(self._around(level, inner, proofs), _FEW))
        return min(proofs, key=lambda value: len(repr(value)), default=NONE)

    def find_together(self, level: Level) -> Any:
        """A value of described fields that the one schema allows and the other refuses; NONE without one.

        Clients send what is described; that a new field has a type of its own breaks none of them.
        """
        described = (
            value
            for value in self._innermost(level, level.refusing, _CHECKS_TOGETHER)
            if _is_described((level.allowing,), value)
        )
        return next(described, NONE)

    def allows(self, schema: Node, value: Any) -> bool:
        """Whether a schema allows a value; without a schema every value is allowed."""
        if schema.never or not schema.layers:
            return not schema.never
        key = id(schema.document), schema.end if len(schema.layers) == 1 else schema.at
        if key not in self._validators:
            self._validators[key] = Validator(self._context(schema.document), key[1])
        return self._validators[key].is_valid(value)

    def _context(self, document: Mapping[str, Any]) -> SchemaContext:
        return self._contexts.setdefault(id(document), SchemaContext(document, {}, measure))

    def _proves(self, level: Level, value: Any) -> bool:
        return self.allows(level.allowing, value) and not self.allows(level.refusing, value)

    def _innermost(self, level: Level, part: Node, checks: int = _CHECKS) -> Iterator[Any]:
        for value in self._candidates.values(_both(level)):
            if self._proves(level, value) and not self.allows(part, value):
                yield value
        aim = self._aim(_both(level), checks)
        for start in self._starts(level):
            for value in self._aimed(aim, level, part, start, frozenset()):
                if not self.allows(part, value):
                    yield value

    def _around(self, level: Level, inner: Level, proofs: Sequence[Any]) -> Iterator[Any]:
        """Proofs of a level that hold those of the next."""
        if level.key == "items":
            lists = (value for proof in proofs for value in ([proof], [proof, proof], [proof] * 3))
            yield from (value for value in lists if self._proves(level, value))
            return
        name = _name_in(level)
        bases = list(islice(self._candidates.bases(_both(level)), MOST))
        around = (base | {name: proof} for base in bases for proof in proofs)
        for value in islice(around, _TRIES):
            if self._proves(level, value):
                yield value
        aim = self._aim(_both(level))
        for start in self._starts(level):
            for held in (*self._inside(level, inner, start.get(name), name), *proofs):
                yield from self._aimed(aim, level, level.refusing, start | {name: held}, frozenset((name,)))

    def _inside(self, level: Level, inner: Level, held: Any, name: str) -> list[Any]:
        """Values like one that a whole value holds, which the inner level refuses: what the inner level knows
        of its fields may be less than what the whole says of them.
        """
        if not isinstance(held, dict):
            return []
        parts = [facet for schema in _both(level) for facet in facets(schema)]
        described = [part.children("properties") for part in parts]
        fields = [by_name[name] for by_name in described if name in by_name]
        aim = self._aim(fields)
        refused = islice(aim.out_of(inner.refusing, held), _STARTS)
        allowed = (value for broken in refused for value in islice(aim.into(inner.allowing, broken), _FEW))
        return [value for value in allowed if self._proves(inner, value)]

    def _starts(self, level: Level) -> Iterator[dict[str, Any]]:
        return islice(self._candidates.bases(_both(level)), _STARTS)

    def _aim(self, schemas: Sequence[Node], checks: int = _CHECKS) -> Aim:
        return Aim(self.allows, self._values, self._candidates.pool(schemas), checks)

    def _aimed(
        self, aim: Aim, level: Level, part: Node, start: dict[str, Any], fixed: frozenset[str]
    ) -> Iterator[dict[str, Any]]:
        """Proofs near an object: first it is made to be refused, then to be allowed by the other side."""
        for refused in islice(aim.out_of(part, start, fixed), MOST):
            changed = {name for name in refused.keys() | start.keys() if refused.get(name) != start.get(name)}
            for value in islice(aim.into(level.allowing, refused, fixed | changed), _FEW):
                if self._proves(level, value):
                    yield value

    def _values(self, schema: Node) -> Sequence[Any]:
        return self._candidates.values((schema,))[:_FEW]


def _both(level: Level) -> tuple[Node, Node]:
    return level.allowing, level.refusing


def _is_described(schemas: Sequence[Node], value: Any) -> bool:
    """Whether one of the schemas, or one beside it, names each field of the value."""
    if not isinstance(value, dict):
        return True
    parts = [part.children("properties") for schema in schemas for part in facets(schema)]
    fields = {name: [by_name[name] for by_name in parts if name in by_name] for name in value}
    return all(fields[name] and _is_described(fields[name], held) for name, held in value.items())


def _name_in(level: Level) -> str:
    """The name of the field in which the next level lies."""
    name = level.name or EXTRA
    if level.key == "patternProperties" and not re.search(level.name, name):
        return level.name.strip("^$")
    return name


NONE: Final = object()
"""No witness."""
