"""Collects drifts call by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.nodes import NodePlace
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import Source, origin
from mockserver.contract.violation import Violation, brief, cite, provenance_at
from mockserver.kit.drift import walk
from mockserver.kit.drift.drift import Drift, Kind
from mockserver.kit.drift.expected import Expectation
from mockserver.kit.drift.shape import Shape
from mockserver.kit.drift.undocumented_states import UndocumentedStates
from mockserver.kit.traffic.answer_templates import GOING_WELL
from mockserver.kit.traffic.call import Call

MOST_EXAMPLES: Final = 3
MOST_VALUES: Final = 64
_STATUSES: Final = range(100, 600)
"""The statuses that a contract can document."""
_CHOICES: Final = ("enum", "const", "oneOf", "anyOf")


@dataclass(slots=True)
class _Observation:
    """What was observed of one drift so far."""

    clause: str
    exchange: int
    count: int = 0
    shape: Shape = field(default_factory=Shape)
    values: list[Any] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, value: Any) -> None:
        self.count += 1
        if isinstance(value, str):
            self.counts[value] += 1
        self.shape.add(value)
        if len(self.values) < MOST_VALUES and not any(_same(value, known) for known in self.values):
            self.values.append(value)


_Key = tuple[Kind, str, int, str]


class DriftCollector:
    """Collects how answers drift from a contract; `files` are its files with its overlays laid over them."""

    def __init__(self, contract: Contract, files: Source) -> None:
        self._contract = contract
        self._files = files
        self._observations: dict[_Key, _Observation] = {}
        self._words = UndocumentedStates(contract.states)
        self._expected = Expectation(contract, files)

    def add(self, call: Call) -> None:
        """Add one call, in the order of time; a cut body, or one that is not JSON, shows no drift."""
        exchange, operation = call.exchange, call.operation
        if operation is None or exchange.callback or exchange.status not in _STATUSES:
            return
        place = walk.answer_place(self._files, operation, exchange.status)
        if place is None:
            at = pointer.write(("paths", operation.path, operation.method.lower(), "responses"))
            sample = None if call.response_json is ABSENT else call.response_json
            self._add("undocumented status", call, "", at, sample)
            return
        if call.response_json is ABSENT or exchange.cut:
            return
        self._words.add(call.sightings)
        self._add_fields(call, walk.schema_place(place))
        self._add_violations(call)

    def _add_fields(self, call: Call, place: NodePlace) -> None:
        for walked in walk.fields(self._files, place, call.response_json):
            if walked.known:
                self._expected.add(call, walked)
            else:
                at = walk.bundled(walked.owner) + "/properties"
                self._add("undocumented field", call, walked.at, at, walked.value)
        self._expected.end(call)

    def _add_violations(self, call: Call) -> None:
        # A new status word breaks the schema's list of values, but only where the schema has one: words
        # that no violation shows are added at the end. The constants that tell an answer's case are no
        # drift: another value there is another case.
        words = self._new_words(call)
        constants = set()
        if call.exchange.status < 300:
            cases = (answer.when for answer in call.answers if answer.when in GOING_WELL)
            constants = {at for when in cases for at, _, _ in call.mismatches(when)}
        for violation in _violations(call):
            at, clause = violation.pointer, violation.clause
            kind = _kind(self._contract, violation)
            if at in words and kind == "new enum value":
                self._add("new status word", call, at, clause, words.pop(at))
            elif kind is not None and at not in constants:
                self._add(kind, call, at, clause, violation.sent)
        for at, word in words.items():
            self._add("new status word", call, at, "/x-job/states", word)

    def _new_words(self, call: Call) -> dict[str, str]:
        """The status words of an answer that the contract lacks, by their pointer."""
        facts = (sighting.facts.get("job.state") for sighting in call.sightings)
        words = {fact.pointer: fact.value for fact in facts if fact and isinstance(fact.value, str)}
        known = {state.shown for state in self._contract.states.values()}
        return {at: word for at, word in words.items() if word not in known}

    def _add(self, kind: Kind, call: Call, at: str, clause: str, value: Any) -> None:
        assert call.operation is not None
        pattern = "/".join(walk.ANY if part.isdigit() else part for part in at.split("/"))
        key = (kind, call.operation.id, call.exchange.status, pattern)
        self._observations.setdefault(key, _Observation(clause, call.number)).add(value)

    def drifts(self) -> tuple[Drift, ...]:
        """The drifts so far: those that break the contract first, one for each new status word."""
        drifts: list[Drift] = []
        for key, observation in self._observations.items():
            drifts += self._drifts(key, observation)
        drifts += self._expected.drifts()
        return tuple(
            sorted(drifts, key=lambda drift: (not drift.breaks, drift.kind, drift.operation, drift.pointer))
        )

    def _drifts(self, key: _Key, observation: _Observation) -> Iterator[Drift]:
        if key[0] != "new status word":
            yield self._drift(key, observation)
            return
        for word in observation.values:
            count = observation.counts[word]
            of_word = _Observation(observation.clause, observation.exchange, count, values=[word])
            of_word.shape.add(word)
            yield replace(self._drift(key, of_word), word=self._words.word(word))

    def _drift(self, key: _Key, observation: _Observation) -> Drift:
        kind, operation, status, at = key
        file, place = origin(self._files, observation.clause)
        source = provenance_at(self._contract.document, pointer.parts(observation.clause))
        return Drift(
            kind=kind,
            operation=operation,
            status=status,
            pointer=at,
            examples=tuple(
                brief(value) for value in observation.values[:MOST_EXAMPLES] if value is not ABSENT
            ),
            count=observation.count,
            exchange=observation.exchange,
            clause=observation.clause,
            file=file,
            at=place,
            source=cite(source, self._contract.sources),
            shape=observation.shape,
            values=tuple(observation.values),
        )


def observe(contract: Contract, files: Source, calls: Iterable[Call]) -> tuple[Drift, ...]:
    """The drifts of calls in the order of time."""
    collector = DriftCollector(contract, files)
    for call in calls:
        collector.add(call)
    return collector.drifts()


def _violations(call: Call) -> list[Violation]:
    schemas = [answer.schema for answer in call.answers if answer.schema is not None]
    if not schemas or any(schema.is_valid(call.response_json) for schema in schemas):
        return []
    return min((schema.explain(call.response_json) for schema in schemas), key=len)


def _kind(contract: Contract, violation: Violation) -> Kind | None:
    """The kind of drift that a violation shows: a new value or type. None if it is a mere violation."""
    if violation.keyword == "type":
        return "changed type"
    if violation.keyword not in _CHOICES or isinstance(violation.sent, dict | list):
        return None
    choices = pointer.follow(contract.document, pointer.parts(violation.clause))
    if violation.keyword in ("oneOf", "anyOf") and not all(_is_constant(choice) for choice in choices):
        return None
    return "new enum value"


def _is_constant(schema: Any) -> bool:
    return isinstance(schema, dict) and "const" in schema


def _same(value: Any, other: Any) -> bool:
    return type(value) is type(other) and bool(value == other)
