"""The templates of an operation's answers, as the contract's document has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.names import PHASES, names_in
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve


def responses(contract: Contract, operation: Operation) -> Mapping[str, Any]:
    """The documented responses of an operation by status, references resolved."""
    node = contract.document["paths"][operation.path][operation.method.lower()]
    return {
        status: resolve(contract.document, answer) for status, answer in node.get("responses", {}).items()
    }


GOING_WELL: Final = frozenset({"default"}) | PHASES
"""The cases of an answer to a request that went well."""


def templates(contract: Contract, operation: Operation) -> Iterator[tuple[str, int, Any]]:
    """The case, the status and the template of each of the operation's own answers."""
    for status, answer in responses(contract, operation).items():
        for entry in response_templates(answer):
            for when in entry["when"]:
                yield when, int(status), entry["body"]


def template(contract: Contract, operation: Operation, when: str = "default") -> Any:
    """The operation's own response template of that case, or ABSENT."""
    bodies = (body for case, _, body in templates(contract, operation) if case == when)
    return next(bodies, ABSENT)


def names_of(contract: Contract, operation: Operation) -> frozenset[str]:
    """The names of the facts that an operation's answers to a request that went well can state."""
    cases = templates(contract, operation)
    return frozenset[str]().union(*(names_in(body) for when, _, body in cases if when in GOING_WELL))


def shared_words(template: Any, body: Any) -> int:
    """How many fixed values of a template a body has at the same place."""
    if isinstance(template, dict) and isinstance(body, dict):
        return sum(shared_words(part, body.get(key, ABSENT)) for key, part in template.items())
    return int(template is not None and template == body)


def shown_phases(operation: Operation, when: str) -> frozenset[str]:
    """The phases of the job in which an operation answers a request that went well with that case."""
    if when in PHASES:
        return frozenset({when})
    return PHASES - operation.answers.keys()


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
