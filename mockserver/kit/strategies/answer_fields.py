"""The places of an answer that its template fills with facts, so that the rest may vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.source import resolve
from mockserver.kit.traffic import answer_templates

FIXED: Final = frozenset({"job.id", "job.state", "media.video", "media.image"})
"""Without these, or with other values, it is another job's answer."""
_OF_A_JOB: Final = ("job.", "media.", "source.", "image.")
_LINK: Final = "job.id"
"""A link to an own operation stands for the job as its id does."""
_SUBMITTED: Final = "job.request#"


class AnswerField(NamedTuple):
    """A place that a template fills; `at` is its JSON pointer in the answer.

    A `fixed` value stays as it is, with all that it holds if `whole`. One `of_job` may go, but not change.
    """

    at: str
    fixed: bool
    of_job: bool
    whole: bool = False


def shape(contract: Contract, operation: Operation, when: str) -> tuple[Any, Mapping[str, Any]]:
    """The template of an answer and its schema, {} if it has none."""
    known = operation.answers[when].when
    own = answer_templates.responses(contract, operation).values()
    shared = contract.document["x-job"].get("answers", {}).values()
    for response in (*own, *(resolve(contract.document, case["response"]) for case in shared)):
        for entry in answer_templates.response_templates(response):
            if known in entry["when"]:
                content = response.get("content", {}).get("application/json", {})
                return entry["body"], content.get("schema", {})
    return {}, {}


def places(template: Any, body: Any, at: str = "") -> Iterator[AnswerField]:
    """Every place of a body that its template fills, also where the body has nothing."""
    if isinstance(template, list):
        for index, part in enumerate(template):
            yield from places(part, _member(body, index), f"{at}/{index}")
    elif isinstance(template, dict):
        yield from _marked(template, body, at)


def _marked(template: dict[str, Any], body: Any, at: str) -> Iterator[AnswerField]:
    if template.keys() & {"$", "$link"}:
        name = str(template.get("$", _LINK))
        echo = name.startswith(_SUBMITTED)
        yield AnswerField(at, echo or name in FIXED, name.startswith(_OF_A_JOB), echo)
    elif "$when" in template:
        yield AnswerField(at, len(set(_words(template))) > 1, False)
        for branch in ("$then", "$else"):
            yield from places(template.get(branch), body, at)
    elif "$each" in template:
        yield AnswerField(at, True, True)
        if isinstance(body, list):
            for index, member in enumerate(body):
                yield from places(template["$do"], member, f"{at}/{index}")
    else:
        for key, part in template.items():
            yield from places(part, _member(body, key), at + pointer.write((key,)))


def _member(body: Any, key: int | str) -> Any:
    """A member of a list or an object, None if there is none."""
    if isinstance(body, list) and isinstance(key, int) and key < len(body):
        return body[key]
    if isinstance(body, dict):
        return body.get(key)
    return None


def _words(template: Any) -> Iterator[str]:
    """The texts that a template chooses from by the phase: if there are several, they are state words."""
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict) and "$when" in template:
        yield from _words(template.get("$then"))
        yield from _words(template.get("$else"))
