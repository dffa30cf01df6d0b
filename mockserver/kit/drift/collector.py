"""Drifts, collected call by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
from mockserver.kit.traffic.call import Call

MOST_EXAMPLES: Final = 3
MOST_VALUES: Final = 64
_STATUSES: Final = range(100, 600)
"""Those that a contract can have."""
_CHOICES: Final = ("enum", "const", "oneOf", "anyOf")


@dataclass(slots=True)
class _Seen:
    """One drift in the making."""

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
        self.shape.see(value)
        if len(self.values) < MOST_VALUES and not any(_same(value, one) for one in self.values):
            self.values.append(value)


_Key = tuple[Kind, str, int, str]


class DriftCollector:
    """Collects how answers drift from a contract; `files` are its files with its overlays laid over them."""

    def __init__(self, contract: Contract, files: Source) -> None:
        self._contract = contract
        self._files = files
        self._seen: dict[_Key, _Seen] = {}
        self._words = UndocumentedStates(contract.states)
        self._expected = Expectation(contract, files)

    def see(self, call: Call) -> None:
        """Take one call in, after those before it; what has no JSON answer or only a part says nothing."""
        exchange, operation = call.exchange, call.operation
        if operation is None or exchange.callback or exchange.status not in _STATUSES:
            return
        place = walk.answer_place(self._files, operation, exchange.status)
        if place is None:
            at = pointer.write(("paths", operation.path, operation.method.lower(), "responses"))
            self._note("undocumented status", call, "", at, _sample(call))
            return
        if call.response_json is ABSENT or exchange.cut:
            return
        self._words.see(call.sightings)
        self._walk(call, walk.schema_place(place))
        self._judge(call)

    def _walk(self, call: Call, place: NodePlace) -> None:
        for step in walk.steps(self._files, place, call.response_json):
            if step.known:
                self._expected.see(call, step)
            else:
                at = walk.bundled(step.owner) + "/properties"
                self._note("undocumented field", call, step.at, at, step.value)
        self._expected.end(call)

    def _judge(self, call: Call) -> None:
        states = {
            fact.pointer: fact.value
            for one in call.sightings
            if (fact := one.facts.get("job.state")) is not None and isinstance(fact.value, str)
        }
        new = {at: word for at, word in states.items() if word not in self._contract.states}
        fixed = {at for at, _, _ in call.mismatches("default")} if call.exchange.status < 300 else set()
        for one in _violations(call):
            kind = _kind(self._contract, one)
            if one.pointer in new and kind == "new enum value":
                self._note("new status word", call, one.pointer, one.clause, new.pop(one.pointer))
            elif kind is not None and one.pointer not in fixed:
                self._note(kind, call, one.pointer, one.clause, one.sent)
        for at, word in new.items():
            self._note("new status word", call, at, "/x-job/states", word)

    def _note(self, kind: Kind, call: Call, at: str, clause: str, value: Any) -> None:
        assert call.operation is not None
        spread = "/".join(walk.ANY if part.isdigit() else part for part in at.split("/"))
        key = (kind, call.operation.id, call.exchange.status, spread)
        self._seen.setdefault(key, _Seen(clause, call.number)).add(value)

    def drifts(self) -> tuple[Drift, ...]:
        """What there is so far: what breaks the contract first, one drift for each new status word."""
        found = [drift for key, seen in self._seen.items() for drift in self._drifts(key, seen)]
        found += self._expected.drifts()
        return tuple(sorted(found, key=lambda one: (not one.breaks, one.kind, one.operation, one.pointer)))

    def _drifts(self, key: _Key, seen: _Seen) -> Iterator[Drift]:
        if key[0] != "new status word":
            yield self._drift(key, seen)
            return
        for word in seen.values:
            one = _Seen(seen.clause, seen.exchange, seen.counts[word], values=[word])
            one.shape.see(word)
            yield self._drift(key, one, word)

    def _drift(self, key: _Key, seen: _Seen, word: str | None = None) -> Drift:
        kind, operation, status, at = key
        file, place = origin(self._files, seen.clause)
        source = provenance_at(self._contract.document, pointer.parts(seen.clause))
        return Drift(
            kind=kind,
            operation=operation,
            status=status,
            pointer=at,
            seen=tuple(brief(value) for value in seen.values[:MOST_EXAMPLES] if value is not ABSENT),
            count=seen.count,
            exchange=seen.exchange,
            clause=seen.clause,
            file=file,
            at=place,
            source=cite(source, self._contract.sources),
            word=None if word is None else self._words.word(word),
            shape=seen.shape,
            values=tuple(seen.values),
        )


def observe(contract: Contract, files: Source, calls: Iterable[Call]) -> tuple[Drift, ...]:
    """The drifts of calls in the order of time."""
    watch = DriftCollector(contract, files)
    for call in calls:
        watch.see(call)
    return watch.drifts()


def _violations(call: Call) -> list[Violation]:
    schemas = [one.schema for one in call.answers if one.schema is not None]
    if not schemas or any(schema.is_valid(call.response_json) for schema in schemas):
        return []
    return min((schema.explain(call.response_json) for schema in schemas), key=len)


def _kind(contract: Contract, violation: Violation) -> Kind | None:
    """What a violation is if it is a drift: a value or a type that is new. All else stays a violation."""
    if violation.keyword == "type":
        return "changed type"
    if violation.keyword not in _CHOICES or isinstance(violation.sent, dict | list):
        return None
    wanted = pointer.follow(contract.document, pointer.parts(violation.clause))
    if violation.keyword in ("oneOf", "anyOf"):
        plain = all(isinstance(one, dict) and "const" in one for one in wanted)
        return "new enum value" if plain else None
    return "new enum value"


def _sample(call: Call) -> Any:
    return None if call.response_json is ABSENT else call.response_json


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
