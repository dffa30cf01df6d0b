"""Where a response template puts what it knows of a job, so that the rest of an answer may vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.source import resolve
from mockserver.kit.traffic import facts

FIXED: Final = frozenset({"job.id", "job.state", "media.video"})
"""Without these, or with others, it is the answer of another job."""
_OF_A_JOB: Final = ("job.", "media.")
_SUBMITTED: Final = "job.request#"


class AnswerField(NamedTuple):
    """`at` is a pointer of the answer. What is `fixed` stays as it is, if `whole` with all that it holds;
    what is `told` may go, not change."""

    at: str
    fixed: bool
    told: bool
    whole: bool = False


def shape(contract: Contract, operation: Operation, when: str) -> tuple[Any, Mapping[str, Any]]:
    """The template of an answer, and its schema, {} where it has none."""
    known = operation.answers[when].when
    own = facts.responses(contract, operation).values()
    shared = contract.document["x-job"].get("answers", {}).values()
    for response in (*own, *(resolve(contract.document, entry["response"]) for entry in shared)):
        for entry in facts.entries(response):
            if known in entry["when"]:
                content = response.get("content", {}).get("application/json", {})
                return entry["body"], content.get("schema", {})
    return {}, {}


def places(template: Any, body: Any, at: str = "") -> Iterator[AnswerField]:
    """Every place of a body that its template fills, whether there is something or not."""
    if isinstance(template, list):
        for index, part in enumerate(template):
            item = body[index] if isinstance(body, list) and index < len(body) else None
            yield from places(part, item, f"{at}/{index}")
    elif isinstance(template, dict):
        yield from _marked(template, body, at)


def _marked(template: dict[str, Any], body: Any, at: str) -> Iterator[AnswerField]:
    if "$" in template:
        name = template["$"]
        echo = name.startswith(_SUBMITTED)
        yield AnswerField(at, echo or name in FIXED, name.startswith(_OF_A_JOB), echo)
    elif "$when" in template:
        yield AnswerField(at, len(set(_words(template))) > 1, False)
        for branch in ("$then", "$else"):
            yield from places(template.get(branch), body, at)
    elif "$each" in template:
        yield AnswerField(at, True, True)
        for index, item in enumerate(body if isinstance(body, list) else []):
            yield from places(template["$do"], item, f"{at}/{index}")
    else:
        for key, part in template.items():
            inner = body.get(key) if isinstance(body, dict) else None
            yield from places(part, inner, at + pointer.write((key,)))


def _words(template: Any) -> Iterator[str]:
    """The texts that a template chooses from by the phase: several of them are state words."""
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict) and "$when" in template:
        yield from _words(template.get("$then"))
        yield from _words(template.get("$else"))
