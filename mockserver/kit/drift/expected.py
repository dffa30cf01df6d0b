"""Documented fields that no answer had: listed as drifts, though they break nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.names import PHASES
from mockserver.contract.nodes import NodePlace
from mockserver.contract.source import Source
from mockserver.kit.drift.drift import Drift
from mockserver.kit.drift.walk import ANY, WalkedField, bundled
from mockserver.kit.traffic import answer_templates
from mockserver.kit.traffic.call import Call

_Key = tuple[str, int, str]
_ALWAYS: Final = PHASES


@dataclass(slots=True)
class _Field:
    """A documented field: its place, in how many answers its object was, and the first of these."""

    owner: NodePlace
    name: str
    exchange: int
    count: int = 0


@dataclass(slots=True)
class Expectation:
    """The documented fields whose object was in an answer, by operation, status and pointer."""

    contract: Contract
    files: Source
    _fields: dict[_Key, _Field] = field(default_factory=dict)
    _present: set[_Key] = field(default_factory=set)
    _phases: dict[str, set[str]] = field(default_factory=dict)

    def add(self, call: Call, walked: WalkedField) -> None:
        """Add one documented field of an answer, present or absent."""
        assert call.operation is not None
        key = (call.operation.id, call.exchange.status, walked.at)
        if walked.value is not pointer.ABSENT:
            self._present.add(key)
        self._fields.setdefault(key, _Field(walked.owner, walked.name, call.number)).count += 1

    def end(self, call: Call) -> None:
        """Add the phases of the answer's jobs, once all its fields were added."""
        assert call.operation is not None
        phases = self._phases.setdefault(call.operation.id, set())
        phases |= {sighting.phase for sighting in call.sightings if sighting.phase is not None}

    def drifts(self) -> Iterator[Drift]:
        """The fields that no answer had, though a job was in a phase in which the contract states them."""
        for (operation, status, at), expected in self._fields.items():
            if (operation, status, at) in self._present or not self._is_due(operation, status, at):
                continue
            place = expected.owner.child("properties", expected.name)
            yield Drift(
                "never seen", operation, status, at, (), expected.count, expected.exchange, bundled(place),
                place.file, place.pointer,
            )  # fmt: skip

    def _is_due(self, operation: str, status: int, at: str) -> bool:
        phases = self._phases_with(self.contract.operations[operation], status, at)
        return phases == _ALWAYS or bool(phases & self._phases.get(operation, set()))

    def _phases_with(self, operation: Operation, status: int, at: str) -> frozenset[str]:
        """The phases in which an answer with that status has the field."""
        phases: list[frozenset[str]] = []
        for when, other, template in answer_templates.templates(self.contract, operation):
            if when in answer_templates.GOING_WELL and other == status:
                of_case = answer_templates.shown_phases(operation, when)
                phases.append(dict(_conditions(template, "", _ALWAYS)).get(at, _ALWAYS) & of_case)
        return _ALWAYS if not phases or not at else frozenset[str]().union(*phases)


def _conditions(template: Any, at: str, phases: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """The pointers of a template's fields that exist only in some phases, with these phases."""
    if isinstance(template, list):
        for part in template:
            yield from _conditions(part, f"{at}/{ANY}", phases)
    if not isinstance(template, dict) or template.keys() & {"$", "$link"}:
        return
    if "$when" in template:
        chosen = _phase_set(template["$when"])
        yield from _conditions(template.get("$then"), at, phases & chosen)
        yield from _conditions(template.get("$else"), at, phases - chosen)
    elif "$each" in template:
        yield from _conditions(template["$do"], f"{at}/{ANY}", phases)
    else:
        for name, part in template.items():
            yield from _field_conditions(part, at + pointer.write((name,)), phases)


def _field_conditions(part: Any, at: str, phases: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    own = phases
    if _only_then(part):
        own &= frozenset(part["$when"])
    if own != _ALWAYS:
        yield at, own
    yield from _conditions(part, at, phases)


def _phase_set(names: str | list[str]) -> frozenset[str]:
    return frozenset([names] if isinstance(names, str) else names)


def _only_then(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("$when"), list) and "$else" not in part
