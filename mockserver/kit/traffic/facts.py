"""What an answer says of a job: a contract's response template, read backwards.

The template says where the server puts each fact; so it says where a reader finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve
from mockserver.contract.template import MOMENTS

_SUBMITTED: Final = "job.request#"


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """A value of an answer: `at` is its JSON pointer, `form` how the contract writes it."""

    value: Any
    pointer: str
    form: str = ""

    @property
    def moment(self) -> int | None:
        """The value as Unix milliseconds, None where it is no moment of its form."""
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
    """What one answer says of one job.

    `facts` by the names that templates use (`job.id`, `media.video`, ...); `echoes` are values of the
    submitted body by their JSON pointer there; `at` is the pointer of the job's part of the answer.
    """

    phase: str | None
    facts: Mapping[str, AnswerFact] = field(default_factory=dict)
    echoes: Mapping[str, AnswerFact] = field(default_factory=dict)
    pointer: str = ""

    def text(self, name: str) -> str | None:
        """A fact as text, None where it is not said."""
        fact = self.facts.get(name)
        return None if fact is None or fact.value is None else str(fact.value)

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
        """The provider's own word."""
        return self.text("job.state")

    @property
    def links(self) -> tuple[str, ...]:
        """Every link to a file, the clip's first."""
        names = ("media.video", "media.watermarked", "media.thumbnail")
        return tuple(text for name in names if (text := self.text(name)))


def responses(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    """The documented responses of an operation by status, references resolved."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    return {
        status: resolve(contract.document, answer) for status, answer in node.get("responses", {}).items()
    }


def template(contract: Contract, operation: Operation, when: str = "default") -> Any:
    """The response template of that case, ABSENT where there is none of its own."""
    for answer in responses(contract, operation).values():
        for entry in response_templates(answer):
            if when in entry["when"]:
                return entry["body"]
    return ABSENT


def callback_at(contract: Contract, operation: Operation) -> tuple[str, ...]:
    """Where the callback of a submit stands in the bundled document; () where it has none."""
    path = ("paths", operation.path, operation.method.lower(), "callbacks")
    for name, item in (pointer.follow(contract.document, path) if operation.callback else {}).items():
        for expression, node in item.items():
            if "x-job" in node.get("post", {}):
                return (*path, name, expression, "post")
    return ()


def callback_template(contract: Contract, operation: Operation) -> Any:
    """The template of what a callback URL is told, ABSENT where there is none."""
    at = callback_at(contract, operation)
    return pointer.follow(contract.document, (*at, "x-job", "body")) if at else ABSENT


def response_templates(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The x-job parts of a response: one for each body it can have."""
    found = answer.get("x-job", [])
    return found if isinstance(found, list) else [found]


def sightings(contract: Contract, template: Any, body: Any) -> list[Sighting]:
    """What `body` says of each job it speaks of, by the template it was made with."""
    shared = _Reader(contract)
    looped = list(shared.read(template, body, ""))
    own = shared.sighting("")
    return [*([own] if own.facts else []), *looped]


class _Reader:
    """Collects the facts of one job; jobs within a loop are yielded as they are met."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._facts: dict[str, AnswerFact] = {}
        self._echoes: dict[str, AnswerFact] = {}

    def sighting(self, at: str) -> Sighting:
        state = self._facts.get("job.state")
        word = self._contract.states.get(str(state.value)) if state else None
        return Sighting(word.phase if word else None, self._facts, self._echoes, at)

    def read(self, template: Any, body: Any, at: str) -> Iterator[Sighting]:
        if isinstance(template, list):
            items = body if isinstance(body, list) else []
            for index, (part, item) in enumerate(zip(template, items, strict=False)):
                yield from self.read(part, item, f"{at}/{index}")
        elif isinstance(template, dict):
            yield from self._marked(template, body, at)

    def _marked(self, template: dict[str, Any], body: Any, at: str) -> Iterator[Sighting]:
        if "$" in template:
            self._note(template, body, at)
        elif "$when" in template:
            for branch in ("$then", "$else"):
                yield from self.read(template.get(branch), body, at)
        elif "$each" in template:
            for index, item in enumerate(body if isinstance(body, list) else []):
                inner = _Reader(self._contract)
                yield from inner.read(template["$do"], item, f"{at}/{index}")
                yield inner.sighting(f"{at}/{index}")
        else:
            for key, part in template.items():
                if isinstance(body, dict) and key in body:
                    yield from self.read(part, body[key], at + pointer.write((key,)))

    def _note(self, template: dict[str, Any], value: Any, at: str) -> None:
        name = template["$"]
        if name.startswith(_SUBMITTED):
            self._echoes[name.removeprefix(_SUBMITTED)] = AnswerFact(value, at)
            return
        form = template.get("$as", self._contract.time if name in MOMENTS else "")
        self._facts.setdefault(name, AnswerFact(value, at, form))


def _iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int(moment.timestamp() * 1000) if moment.tzinfo else None
