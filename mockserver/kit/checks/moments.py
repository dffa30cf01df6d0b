"""Moments that an answer tells of a job: in the documented unit, and in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mockserver.contract.pointer import follow, parts
from mockserver.contract.violation import brief
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.checks.observations import Observation, seen
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
    for found, fact in _moments(call, history):
        actual = _unit(fact.value)
        if actual != fact.form:
            yield _about(
                found,
                fact,
                _FORMS[fact.form],
                f"{brief(fact.value)}, {_FORMS.get(actual, actual)} by its looks",
            )


def _unit(value: Any) -> str:
    """The form a value has."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "no moment"
    if isinstance(value, int):
        return "milliseconds" if abs(value) >= _SPLIT else "seconds"
    if isinstance(value, float):
        return "a number with a fraction"
    if re.fullmatch(r"-?\d+", value):
        return "a number in a text"
    if AnswerFact(value, "", "iso8601").moment is not None:
        return "iso8601"
    naive = AnswerFact(f"{value}Z", "", "iso8601").moment is not None
    return "ISO 8601 text without a time zone" if naive else "a text that is no moment"


@check("moments.plausible", "A job's timestamps are plausible.")
def plausible(call: Call, history: History) -> Iterator[Breach]:
    """Between 2015 and 2100, as a clock under test may stand anywhere."""
    for found, fact in _moments(call, history):
        moment = fact.moment
        if moment is not None and _unit(fact.value) == fact.form and not _EARLIEST <= moment < _LATEST:
            yield _about(found, fact, "a moment between 2015 and 2100", brief(fact.value))


@check("moments.created", "A job's creation time never changes.")
def created(call: Call, history: History) -> Iterator[Breach]:
    """Compared with the answers before, in milliseconds."""
    for found in seen(call, history):
        fact, former = found.fact("job.created_at"), _former(found, "job.created_at")
        if fact is not None and former is not None and fact.moment is not None:
            yield from _unequal(found, fact, former)


@check("moments.order", "A job's last change is not before its creation and never moves back.")
def order(call: Call, history: History) -> Iterator[Breach]:
    """Equal moments are in order."""
    for found in seen(call, history):
        fact = found.fact("job.updated_at")
        if fact is None or fact.moment is None:
            continue
        made = found.fact("job.created_at")
        if made is not None and made.moment is not None and fact.moment < made.moment:
            yield _about(found, fact, f"{brief(made.value)} (created_at) or later", brief(fact.value))
        former = _former(found, "job.updated_at")
        if former is not None and former.moment is not None and fact.moment < former.moment:
            yield _about(found, fact, f"{brief(former.value)} or later", brief(fact.value))
    for one in call.sightings if call.callback_of is not None else ():
        yield from _told_backwards(call, one)


def _told_backwards(call: Call, one: Sighting) -> Iterator[Breach]:
    """A callback whose job changed before it was made; earlier callbacks may arrive later."""
    made, changed = one.facts.get("job.created_at"), one.facts.get("job.updated_at")
    if made is None or changed is None or made.moment is None or changed.moment is None:
        return
    if changed.moment < made.moment:
        expected, at = f"{brief(made.value)} (created_at) or later", of_answer(call, changed.at)
        yield Breach(expected, brief(changed.value), at, at=changed.at, job=one.job)


@check("moments.change", "The time of the last change stays while the state stays, where documented so.")
def change(call: Call, history: History) -> Iterator[Breach]:
    """Documented so where the field's description says that its status or state last changed then."""
    for found in seen(call, history):
        fact = found.fact("job.updated_at")
        if fact is None or fact.moment is None or not _documented(found, fact):
            continue
        former = next((one for _, one in found.earlier() if one.facts.get("job.updated_at")), None)
        if former is not None and former.state == found.one.state:
            yield from _unequal(found, fact, former.facts["job.updated_at"])


def _documented(found: Observation, fact: AnswerFact) -> bool:
    node = follow(found.call.contract.document, parts(found.clause(fact)))
    return isinstance(node, dict) and _WITH_STATE.search(str(node.get("description", ""))) is not None


def _unequal(found: Observation, fact: AnswerFact, former: AnswerFact) -> Iterator[Breach]:
    """A breach where two facts are different moments; one in another form is read to its own precision."""
    if former.moment is None or fact.moment is None:
        return
    precision = 1000 if "seconds" in (fact.form, former.form) else 1
    if fact.moment // precision != former.moment // precision:
        yield _about(found, fact, f"{brief(former.value)}, as before", brief(fact.value))


def _former(found: Observation, name: str) -> AnswerFact | None:
    """The fact as the latest answer before has it."""
    return next(
        (fact for _, one in found.earlier() if (fact := one.facts.get(name)) and fact.value is not None), None
    )


def _moments(call: Call, history: History) -> Iterator[tuple[Observation, AnswerFact]]:
    for found in seen(call, history):
        for name in _NAMES:
            if (fact := found.fact(name)) is not None:
                yield found, fact


def _about(found: Observation, fact: AnswerFact, expected: str, actual: str) -> Breach:
    return Breach(expected, actual, found.clause(fact), at=fact.at, job=found.story.job)
