"""The facts that an answer states about a job, found by its response template read backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve
from mockserver.contract.template import MOMENTS, names_in

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
    """

    phase: str | None
    facts: Mapping[str, AnswerFact] = field(default_factory=dict)
    echoes: Mapping[str, AnswerFact] = field(default_factory=dict)
    pointer: str = ""

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


def responses(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    """The documented responses of an operation by status, references resolved."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    return {
        status: resolve(contract.document, answer) for status, answer in node.get("responses", {}).items()
    }


def template(contract: Contract, operation: Operation, when: str = "default") -> Any:
    """The operation's own response template of that case, or ABSENT."""
    for answer in responses(contract, operation).values():
        for entry in response_templates(answer):
            if when in entry["when"]:
                return entry["body"]
    return ABSENT


def callback_at(contract: Contract, operation: Operation) -> tuple[str, ...]:
    """The path of a submit's callback in the bundled document; () if it has none."""
    if operation.callback is None:
        return ()
    path = ("paths", operation.path, operation.method.lower(), "callbacks")
    for name, callback in pointer.follow(contract.document, path).items():
        for expression, node in callback.items():
            if "x-job" in node.get("post", {}):
                return (*path, name, expression, "post")
    return ()


def callback_template(contract: Contract, operation: Operation) -> Any:
    """The template of a callback's body, or ABSENT."""
    at = callback_at(contract, operation)
    if not at:
        return ABSENT
    return pointer.follow(contract.document, (*at, "x-job", "body"))


def response_templates(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The x-job parts of a response: one for each body that it can have."""
    templates = answer.get("x-job", [])
    return templates if isinstance(templates, list) else [templates]


def sightings(contract: Contract, template: Any, body: Any) -> list[Sighting]:
    """What `body` states about each job in it, by the template that it was made with."""
    # A template says where the server puts each fact, so a walk through template and body together finds
    # the facts again. Facts outside a loop belong to the answer's own job; each turn of a loop is a job.
    names = names_in(template)
    reader = _FactReader(contract, stated="job.state" in names)
    listed = list(reader.read(template, body, ""))
    own = reader.sighting("")
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

    def sighting(self, at: str) -> Sighting:
        return Sighting(self._phase(), self._facts, self._echoes, at)

    def _phase(self) -> str | None:
        state = self._facts.get("job.state")
        if state is None:
            return None if self._stated else self._shown_phase()
        word = self._contract.states.get(str(state.value))
        return None if word is None else word.phase

    def _shown_phase(self) -> str | None:
        """The phase of a job whose state has no word of its own: a link or a reason shows how it ended."""
        for name, phase in (
            ("media.video", "succeeded"),
            ("media.image", "succeeded"),
            ("job.reason", "failed"),
        ):
            if name in self._facts and self._facts[name].value:
                return phase
        return None

    def read(self, template: Any, body: Any, at: str) -> Iterator[Sighting]:
        if isinstance(template, dict):
            yield from self._read_object(template, body, at)
        elif isinstance(template, list) and isinstance(body, list):
            for index, (part, value) in enumerate(zip(template, body, strict=False)):
                yield from self.read(part, value, f"{at}/{index}")

    def _read_object(self, template: dict[str, Any], body: Any, at: str) -> Iterator[Sighting]:
        if "$" in template:
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
            yield reader.sighting(f"{at}/{index}")

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
