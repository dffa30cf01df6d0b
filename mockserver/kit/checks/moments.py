"""Timestamps of a job: in the documented unit, and in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract.pointer import follow, parts
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.observations import Observation, observe
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import AnswerFact, Sighting
from mockserver.kit.traffic.history import History
from mockserver.kit.traffic.schema_nodes import of_answer

_NAMES: Final = ("job.created_at", "job.updated_at")
_FORMS: Final = {
    "seconds": "whole Unix seconds",
    "milliseconds": "whole Unix milliseconds",
    "iso8601": "ISO 8601 text with a time zone",
}
_SPLIT: Final = 100_000_000_000
"""Above it a number of Unix seconds would be after the year 5000, below it one of milliseconds in 1973."""
_EARLIEST: Final = 1_420_070_400_000
_LATEST: Final = 4_102_444_800_000
"""The beginnings of 2015 and 2100 in Unix milliseconds."""
_WITH_STATE: Final = re.compile(r"\b(status|state) last changed\b")


@check("moments.unit", "A timestamp is written in the documented unit.")
def unit(call: Call, history: History) -> Iterator[Breach]:
    """Seconds, milliseconds or ISO 8601."""
    for observation, fact in _moments(call, history):
        actual = _unit(fact.value)
        if actual != fact.form:
            looks = f"{brief(fact.value)}, which looks like {_FORMS.get(actual, actual)}"
            yield _breach(observation, fact, _FORMS[fact.form], looks)


def _unit(value: Any) -> str:
    """The form that a value has."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "no timestamp"
    if isinstance(value, int):
        return "milliseconds" if abs(value) >= _SPLIT else "seconds"
    if isinstance(value, float):
        return "a number with a fraction"
    if re.fullmatch(r"-?\d+", value):
        return "a number in a text"
    if AnswerFact(value, "", "iso8601").moment is not None:
        return "iso8601"
    if AnswerFact(f"{value}Z", "", "iso8601").moment is not None:
        return "ISO 8601 text without a time zone"
    return "a text that is not a timestamp"


@check("moments.plausible", "A job's timestamps are plausible.")
def plausible(call: Call, history: History) -> Iterator[Breach]:
    """Between 2015 and 2100: the clock of a server under test may be set to any time."""
    for observation, fact in _moments(call, history):
        moment = fact.moment
        if moment is not None and _unit(fact.value) == fact.form and not _EARLIEST <= moment < _LATEST:
            yield _breach(observation, fact, "a time between 2015 and 2100", brief(fact.value))


@check("moments.created", "A job's creation time never changes.")
def created(call: Call, history: History) -> Iterator[Breach]:
    """By the latest answer before that has it, in milliseconds."""
    for observation in observe(call, history):
        fact, former = observation.fact("job.created_at"), _former(observation, "job.created_at")
        if fact is not None and former is not None and fact.moment is not None:
            yield from _unequal(observation, fact, former)


@check("moments.order", "A job's last change is not before its creation and never moves back.")
def order(call: Call, history: History) -> Iterator[Breach]:
    """Equal times are in order. Callbacks are not compared with each other, because they may arrive late."""
    for observation in observe(call, history):
        fact = observation.fact("job.updated_at")
        if fact is None or fact.moment is None:
            continue
        created = observation.fact("job.created_at")
        if created is not None and created.moment is not None and fact.moment < created.moment:
            yield _breach(
                observation, fact, f"{brief(created.value)} (created_at) or later", brief(fact.value)
            )
        former = _former(observation, "job.updated_at")
        if former is not None and former.moment is not None and fact.moment < former.moment:
            yield _breach(observation, fact, f"{brief(former.value)} or later", brief(fact.value))
    if call.callback_of is not None:
        for sighting in call.sightings:
            yield from _changed_before_creation(call, sighting)


def _changed_before_creation(call: Call, sighting: Sighting) -> Iterator[Breach]:
    """A breach if a callback's job changed before its creation."""
    created, changed = sighting.facts.get("job.created_at"), sighting.facts.get("job.updated_at")
    if created is None or changed is None or created.moment is None or changed.moment is None:
        return
    if changed.moment < created.moment:
        expected, clause = f"{brief(created.value)} (created_at) or later", of_answer(call, changed.pointer)
        yield Breach(expected, brief(changed.value), clause, at=changed.pointer, job=sighting.job_id)


@check("moments.change", "The time of the last change stays while the state stays, where documented so.")
def change(call: Call, history: History) -> Iterator[Breach]:
    """Documented so if the field's description says that the status or state last changed then."""
    for observation in observe(call, history):
        fact = observation.fact("job.updated_at")
        if fact is None or fact.moment is None or not _documented(observation, fact):
            continue
        earlier = (sighting for _, sighting in observation.earlier())
        former = next((sighting for sighting in earlier if "job.updated_at" in sighting.facts), None)
        if former is not None and former.name is not None and former.name == observation.sighting.name:
            yield from _unequal(observation, fact, former.facts["job.updated_at"])


def _documented(observation: Observation, fact: AnswerFact) -> bool:
    node = follow(observation.call.contract.document, parts(observation.clause(fact)))
    return isinstance(node, dict) and _WITH_STATE.search(str(node.get("description", ""))) is not None


def _unequal(observation: Observation, fact: AnswerFact, former: AnswerFact) -> Iterator[Breach]:
    """A breach if two facts are different times; one in whole seconds is compared in seconds."""
    if former.moment is None or fact.moment is None:
        return
    precision = 1000 if "seconds" in (fact.form, former.form) else 1
    if fact.moment // precision != former.moment // precision:
        yield _breach(observation, fact, f"{brief(former.value)}, as before", brief(fact.value))


def _former(observation: Observation, name: str) -> AnswerFact | None:
    """The fact in the latest answer before that states it."""
    for _, sighting in observation.earlier():
        fact = sighting.facts.get(name)
        if fact is not None and fact.value is not None:
            return fact
    return None


def _moments(call: Call, history: History) -> Iterator[tuple[Observation, AnswerFact]]:
    for observation in observe(call, history):
        for name in _NAMES:
            fact = observation.fact(name)
            if fact is not None:
                yield observation, fact


def _breach(observation: Observation, fact: AnswerFact, expected: str, actual: str) -> Breach:
    return Breach(expected, actual, observation.clause(fact), at=fact.pointer, job=observation.job.job_id)
