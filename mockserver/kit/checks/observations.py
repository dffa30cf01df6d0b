"""What a call shows of each job, beside what was known of it before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.contract.lifecycle import StateWord
from mockserver.contract.pointer import write
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import AnswerFact, Sighting
from mockserver.kit.traffic.history import History, JobHistory
from mockserver.kit.traffic.schema_nodes import of_answer

_ANSWERS = frozenset({"submit", "read", "cancel"})


class Observation(NamedTuple):
    """One job in one answer. `story` has nothing of this call yet; a submit's is empty, as its job is new."""

    call: Call
    one: Sighting
    story: JobHistory

    @property
    def word(self) -> StateWord | None:
        """The state, None where it is not said or not documented."""
        return self.call.contract.states.get(self.one.state or "")

    @property
    def submit(self) -> Call | None:
        """The job's submit, where the record has it."""
        return self.call if self.call.role == "submit" else self.story.submit

    @property
    def told(self) -> frozenset[str]:
        """The names of facts that this answer can tell of."""
        return self.call.fact_names

    def earlier(self) -> Iterator[tuple[Call, Sighting]]:
        """Sightings whose answers were there before this was asked, the latest first."""
        asked = self.call.exchange.at
        return ((call, one) for call, one in reversed(self.story.sightings) if call.answered_at <= asked)

    def fact(self, name: str) -> AnswerFact | None:
        """A fact that is said: present and not null."""
        found = self.one.facts.get(name)
        return None if found is None or found.value is None else found

    def clause(self, fact: AnswerFact | None) -> str:
        """Where the contract speaks of a fact's place in the answer; of the answer, for None."""
        return of_answer(self.call, fact.at if fact else self.one.at)


def told_at(template: Any, name: str, at: str = "") -> str | None:
    """The JSON pointer at which a template tells a fact; None where it does not."""
    if isinstance(template, list):
        parts = ((f"{at}/{index}", part) for index, part in enumerate(template))
    elif not isinstance(template, dict):
        return None
    elif template.get("$") == name:
        return at
    else:
        steps = {"$then": "", "$else": "", "$do": "/0"}
        parts = ((at + steps.get(key, write((key,))), part) for key, part in template.items())
    return next((found for place, part in parts if (found := told_at(part, name, place)) is not None), None)


def seen(call: Call, history: History, roles: frozenset[str] = _ANSWERS) -> Iterator[Observation]:
    """The jobs that an answer of one of these roles shows."""
    if call.role in roles:
        for one in call.sightings:
            if one.job is not None:
                known = None if call.role == "submit" else history.jobs.get(one.job)
                yield Observation(call, one, known or JobHistory(one.job))


def reachable(states: Mapping[str, StateWord], word: str | None) -> tuple[str, ...]:
    """The states that can follow one, at once or later, in the contract's order; none after a strange one."""
    found: set[str] = set()
    ahead = [] if word is None or word not in states else [word]
    while ahead:
        for following in states[ahead.pop()].next:
            if following not in found:
                found.add(following)
                ahead.append(following)
    return tuple(name for name in states if name in found)
