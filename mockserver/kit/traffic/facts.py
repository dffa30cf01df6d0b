"""The facts that an answer states about a job, found by its response template read backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.lifecycle import StateWord
from mockserver.contract.model import Contract
from mockserver.contract.names import MOMENTS, OF_IDS, PHASES, names_in
from mockserver.kit.traffic.own_links import job_named
from mockserver.kit.traffic.shown_phases import possible_phases
from mockserver.terms import ENDED

_SUBMITTED: Final = "job.request#"
IMAGES: Final = ("media.image", "media.watermarked_image")
"""Facts that each image of a job has; those of the second and later ones have its number behind a dot."""


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """A value of an answer: `pointer` is its JSON pointer, `form` how the contract writes moments."""

    value: Any
    pointer: str
    form: str = ""

    @property
    def moment(self) -> int | None:
        """The value as Unix milliseconds; None if it is not a moment in its form."""
        match self.form, self.value:
            case "seconds", int(number) if not isinstance(number, bool):
                return number * 1000
            case "milliseconds", int(number) if not isinstance(number, bool):
                return number
            case "iso8601", str(text):
                return _iso(text)
        return None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one answer states about one job.

    `facts` by the names that templates use (`job.id`, `media.video`, ...); `echoes` are values of the
    submitted body by their JSON pointer there; `pointer` leads to the job's part of the answer.
    `states` are the contract's states that it may be in: several where one word, or none, stands for them;
    `phase` is None where they are not all of one.
    """

    phase: str | None
    facts: Mapping[str, AnswerFact] = field(default_factory=dict)
    echoes: Mapping[str, AnswerFact] = field(default_factory=dict)
    pointer: str = ""
    states: tuple[StateWord, ...] = ()

    def of(self, job_id: str | None) -> Sighting:
        """The same of the job that a request names, where the answer names none."""
        if job_id is None or self.job_id is not None:
            return self
        return replace(self, facts={**self.facts, "job.id": AnswerFact(job_id, self.pointer)})

    @property
    def name(self) -> str | None:
        """The contract's own name of the state, where it can be only one."""
        return self.states[0].word if len(self.states) == 1 else None

    @property
    def state_pointer(self) -> str:
        """Where the answer has the state's word; the job's part of it where it has none."""
        fact = self.facts.get("job.state") or self
        return fact.pointer

    @property
    def ended(self) -> bool:
        """Whether nothing can follow, whichever of the states it is."""
        return bool(self.states) and all(state.phase in ENDED for state in self.states)

    def text(self, name: str) -> str | None:
        """A fact as text; None if the answer does not state it."""
        fact = self.facts.get(name)
        if fact is None or fact.value is None:
            return None
        return str(fact.value)

    def moment(self, name: str) -> int | None:
        """A fact as Unix milliseconds."""
        fact = self.facts.get(name)
        return None if fact is None else fact.moment

    @property
    def job_id(self) -> str | None:
        """The job's id."""
        return self.text("job.id")

    @property
    def further_ids(self) -> tuple[str, ...]:
        """The ids that the job has beside its own."""
        return tuple(text for name in self.facts if name.startswith(OF_IDS) and (text := self.text(name)))

    @property
    def state(self) -> str | None:
        """The state in the provider's own word."""
        return self.text("job.state")

    @property
    def links(self) -> tuple[str, ...]:
        """Every link to a file, the clip's first."""
        return tuple(text for name in self.files if (text := self.text(name)))

    @property
    def files(self) -> tuple[str, ...]:
        """The facts that are links to files: of the clip first, and of each image."""
        clips = ("media.video", "media.watermarked", "media.thumbnail")
        return (*clips, *(name for name in self.facts if name.startswith(IMAGES)))


def states_of_word(contract: Contract, word: str) -> Sequence[StateWord]:
    """The states that a word of an answer stands for, in the contract's order; none for an unknown word."""
    return [state for state in contract.states.values() if state.shown == word]


def sightings(
    contract: Contract, template: Any, body: Any, phases: frozenset[str] = PHASES
) -> list[Sighting]:
    """What `body` states about each job in it, by the template that it was made with.

    A job is in one of `phases`.
    """
    # A template says where the server puts each fact, so a walk through template and body together finds
    # the facts again. Facts outside a loop belong to the answer's own job; each turn of a loop is a job.
    names = names_in(template)
    reader = _FactReader(contract, stated="job.state" in names)
    listed = list(reader.read(template, body, ""))
    own = reader.sighting("", phases & possible_phases(template, body))
    if own.facts:
        return [own, *listed]
    return listed


class _FactReader:
    """Collects the facts of one job; yields the jobs within a loop in their order."""

    def __init__(self, contract: Contract, *, stated: bool) -> None:
        """`stated` says whether the template has a place for the state."""
        self._stated = stated
        self._contract = contract
        self._facts: dict[str, AnswerFact] = {}
        self._echoes: dict[str, AnswerFact] = {}
        self._linked: dict[str, AnswerFact] = {}

    def sighting(self, at: str, phases: frozenset[str] = PHASES) -> Sighting:
        states = tuple(self._states(phases))
        shown = {state.phase for state in states}
        for name, fact in self._linked.items():
            self._facts.setdefault(name, fact)
        return Sighting(shown.pop() if len(shown) == 1 else None, self._facts, self._echoes, at, states)

    def _states(self, phases: frozenset[str]) -> Sequence[StateWord]:
        """The states of the word; where several have it, or there is none, those that the answer allows."""
        state, known = self._facts.get("job.state"), self._contract.states.values()
        if state is None and self._stated:
            return ()
        named = known if state is None else states_of_word(self._contract, str(state.value))
        shown = self._shown_phase()
        if len(named) > 1 and shown in phases:
            phases = frozenset({shown})
        return [each for each in named if each.phase in phases] or [*named]

    def _shown_phase(self) -> str:
        """The phase of a job whose state has no word of its own: a link or a reason shows how it ended."""
        for name, phase in (
            ("media.video", "succeeded"),
            ("media.image", "succeeded"),
            ("job.reason", "failed"),
        ):
            if name in self._facts and self._facts[name].value:
                return phase
        return ""

    def read(self, template: Any, body: Any, at: str) -> Iterator[Sighting]:
        if isinstance(template, dict):
            yield from self._read_object(template, body, at)
        elif isinstance(template, list) and isinstance(body, list):
            for index, (part, value) in enumerate(zip(template, body, strict=False)):
                yield from self.read(part, value, f"{at}/{index}")

    def _read_object(self, template: dict[str, Any], body: Any, at: str) -> Iterator[Sighting]:
        if "$link" in template:
            self._add_link(template["$link"], body, at)
        elif "$" in template:
            self._add(template, body, at)
        elif "$when" in template:
            for branch in ("$then", "$else"):
                yield from self.read(template.get(branch), body, at)
        elif template.get("$each") == "images":
            yield from self._read_images(template["$do"], body, at)
        elif template.get("$each") == "jobs":
            yield from self._read_jobs(template["$do"], body, at)
        elif isinstance(body, dict) and "$each" not in template:
            yield from self._read_fields(template, body, at)

    def _read_fields(self, template: dict[str, Any], body: dict[str, Any], at: str) -> Iterator[Sighting]:
        for key, part in template.items():
            if key in body:
                yield from self.read(part, body[key], at + pointer.write((key,)))

    def _read_images(self, template: Any, images: Any, at: str) -> Iterator[Sighting]:
        """Add what the answer states of each image to the facts of its job."""
        for index, image in enumerate(images if isinstance(images, list) else ()):
            reader = _FactReader(self._contract, stated=self._stated)
            yield from reader.read(template, image, f"{at}/{index}")
            for name, fact in reader.sighting("").facts.items():
                self._facts.setdefault(f"{name}.{index}" if index else name, fact)

    def _read_jobs(self, template: Any, jobs: Any, at: str) -> Iterator[Sighting]:
        if not isinstance(jobs, list):
            return
        for index, job in enumerate(jobs):
            reader = _FactReader(self._contract, stated=self._stated)
            yield from reader.read(template, job, f"{at}/{index}")
            yield reader.sighting(f"{at}/{index}", possible_phases(template, job))

    def _add_link(self, operation: str, value: Any, at: str) -> None:
        """Note the id that a link has, for an answer that states it nowhere else."""
        named = job_named(self._contract, operation, value)
        if named is not None:
            self._linked.setdefault(named[0], AnswerFact(named[1], at))

    def _add(self, template: dict[str, Any], value: Any, at: str) -> None:
        name = template["$"]
        if name.startswith(_SUBMITTED):
            self._echoes[name.removeprefix(_SUBMITTED)] = AnswerFact(value, at)
            return
        form = template.get("$as", "")
        if name in MOMENTS:
            form = template.get("$as", self._contract.time)
        self._facts.setdefault(name, AnswerFact(value, at, form))


def _iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return int(moment.timestamp() * 1000)
