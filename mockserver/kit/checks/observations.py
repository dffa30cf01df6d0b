"""What an answer shows of each job, beside what the history already knew about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract.lifecycle import StateWord
from mockserver.contract.model import Contract
from mockserver.contract.pointer import write
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.facts import AnswerFact, Sighting
from mockserver.kit.traffic.history import History, JobHistory
from mockserver.kit.traffic.schema_nodes import of_answer

_ANSWERS: Final = frozenset({"submit", "read", "cancel"})
_STEPS: Final = {"$then": "", "$else": "", "$do": "/0"}
"""Where the parts of a template's instructions stand in the answer."""


class Observation(NamedTuple):
    """One job in one answer. `job` does not have this call yet; for a submit it is empty."""

    call: Call
    sighting: Sighting
    job: JobHistory

    @property
    def submit(self) -> Call | None:
        """The job's submit; None if the record does not have it."""
        return self.call if self.call.role == "submit" else self.job.submit

    @property
    def possible_facts(self) -> frozenset[str]:
        """The names of the facts that this answer can state."""
        return self.call.fact_names

    def earlier(self) -> Iterator[tuple[Call, Sighting]]:
        """Sightings that were answered before this call was sent, the latest first."""
        return self.job.sightings_before(self.call)

    def fact(self, name: str) -> AnswerFact | None:
        """A fact that the answer states: present and not null."""
        fact = self.sighting.facts.get(name)
        return None if fact is None or fact.value is None else fact

    def clause(self, fact: AnswerFact | None) -> str:
        """The contract's clause about a fact's place in the answer; about the job's part, for None."""
        return of_answer(self.call, fact.pointer if fact else self.sighting.pointer)


def fact_pointer(template: Any, name: str, at: str = "") -> str | None:
    """The JSON pointer at which a template puts a fact; None if it does not."""
    if isinstance(template, dict) and template.get("$") == name:
        return at
    for key, part in _children(template):
        inner = fact_pointer(part, name, at + key)
        if inner is not None:
            return inner
    return None


def _children(template: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a template, each with the pointer that leads to its value in the answer."""
    if isinstance(template, list):
        for index, part in enumerate(template):
            yield f"/{index}", part
    elif isinstance(template, dict):
        for key, part in template.items():
            yield _STEPS.get(key, write((key,))), part


def observe(call: Call, history: History, roles: frozenset[str] = _ANSWERS) -> Iterator[Observation]:
    """The jobs that an answer shows, if the call has one of these roles."""
    if call.role not in roles:
        return
    for sighting in call.sightings:
        if sighting.job_id is not None:
            job = JobHistory(sighting.job_id)
            if call.role != "submit":
                job = history.jobs.get(sighting.job_id, job)
            yield Observation(call, sighting, job)


def can_follow(contract: Contract, before: Sighting, after: Sighting) -> bool:
    """Whether a state is the same or can come later, whichever of its states a word means; an undocumented
    state is not judged.
    """
    if not before.states or not after.states or set(before.states) & set(after.states):
        return True
    return bool({*followers(contract, before)} & {*after.states})


def followers(contract: Contract, sighting: Sighting) -> list[StateWord]:
    """The states that can follow, whichever of its states a word means, in the contract's order."""
    later = {name for state in sighting.states for name in reachable(contract.states, state.word)}
    return [state for state in contract.states.values() if state.word in later]


def shown_words(states: Iterable[StateWord]) -> tuple[str, ...]:
    """The words that answers show of states, each once."""
    return tuple(dict.fromkeys(state.shown for state in states))


def reachable(states: Mapping[str, StateWord], word: str | None) -> tuple[str, ...]:
    """The states that can follow a state, at once or later, in the contract's order; () if it is unknown."""
    if word is None or word not in states:
        return ()
    reached: set[str] = set()
    pending = [word]
    while pending:
        for following in states[pending.pop()].next:
            if following not in reached:
                reached.add(following)
                pending.append(following)
    return tuple(name for name in states if name in reached)


def promised_links(observation: Observation) -> Iterator[tuple[str, str]]:
    """The links that a success must show, each with what it leads to."""
    submit, made = observation.submit, {"media.video": "the clip", "media.image": "the image"}
    if made.keys() <= observation.possible_facts:
        # An answer that has a place for each shows what its job makes: without the submit nobody knows which.
        makes_images = submit is not None and submit.operation is not None and submit.operation.makes_images
        made = {name: made[name] for name in made if submit and makes_images == (name == "media.image")}
    yield from made.items()
    if submit is not None and submit.media_value("watermark") is True:
        yield "media.watermarked", "the watermarked clip"
