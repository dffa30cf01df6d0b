"""Documented fields that no answer had: a note, never a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.nodes import NodePlace
from mockserver.contract.source import Source
from mockserver.contract.template import PHASES
from mockserver.kit.drift.drift import Drift
from mockserver.kit.drift.walk import ANY, WalkedField, bundled
from mockserver.kit.traffic import facts
from mockserver.kit.traffic.call import Call

_Key = tuple[str, int, str]
_ALWAYS: Final = PHASES


@dataclass(slots=True)
class _Field:
    """A documented field: where, in how many answers its object was, and the first of them."""

    owner: NodePlace
    name: str
    exchange: int
    count: int = 0


@dataclass(slots=True)
class Expectation:
    """Fields whose object was there, by operation, status and pointer."""

    contract: Contract
    files: Source
    _fields: dict[_Key, _Field] = field(default_factory=dict)
    _present: set[_Key] = field(default_factory=set)
    _phases: dict[str, set[str]] = field(default_factory=dict)

    def see(self, call: Call, step: WalkedField) -> None:
        """Take in one documented field of an answer, there or not."""
        assert call.operation is not None
        key = (call.operation.id, call.exchange.status, step.at)
        if step.value is not pointer.ABSENT:
            self._present.add(key)
        self._fields.setdefault(key, _Field(step.owner, step.name, call.number)).count += 1

    def end(self, call: Call) -> None:
        """Take in in which phases the answer had its jobs."""
        assert call.operation is not None
        phases = self._phases.setdefault(call.operation.id, set())
        phases |= {one.phase for one in call.sightings if one.phase is not None}

    def drifts(self) -> Iterator[Drift]:
        """Those that were never there, though a job was in a phase in which the contract puts them."""
        for (operation, status, at), one in self._fields.items():
            if (operation, status, at) in self._present or not self._is_due(operation, at):
                continue
            place = one.owner.child("properties", one.name)
            yield Drift(
                "never seen", operation, status, at, (), one.count, one.exchange, bundled(place),
                place.file, place.pointer,
            )  # fmt: skip

    def _is_due(self, operation: str, at: str) -> bool:
        template = facts.template(self.contract, self.contract.operations[operation])
        conditions = dict(_conditions(template, "", _ALWAYS))
        phases = conditions.get(at, _ALWAYS)
        return phases == _ALWAYS or bool(phases & self._phases.get(operation, set()))


def _conditions(template: Any, at: str, phases: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Pointers of a template's fields that are only there in some phases, and those."""
    if isinstance(template, list):
        for part in template:
            yield from _conditions(part, f"{at}/{ANY}", phases)
    if not isinstance(template, dict) or "$" in template:
        return
    if "$when" in template:
        named = template["$when"]
        chosen = frozenset([named] if isinstance(named, str) else named)
        yield from _conditions(template.get("$then"), at, phases & chosen)
        yield from _conditions(template.get("$else"), at, phases - chosen)
    elif "$each" in template:
        yield from _conditions(template["$do"], f"{at}/{ANY}", phases)
    else:
        for name, part in template.items():
            here = at + pointer.write((name,))
            own = phases & frozenset(part["$when"]) if _only_then(part) else phases
            if own != _ALWAYS:
                yield here, own
            yield from _conditions(part, here, phases)


def _only_then(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("$when"), list) and "$else" not in part
