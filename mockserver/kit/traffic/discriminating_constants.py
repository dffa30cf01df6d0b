"""Discriminating constants: fixed values in answers that tell cases apart, such as an error code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve
from mockserver.kit.traffic import answer_templates

Constants = Mapping[str, Any]
"""Fixed values by their JSON pointer."""


@dataclass(frozen=True, slots=True)
class DiscriminatingConstants:
    """Of one operation, by case: its discriminating constants, and the pointers that repeat the status."""

    constants: Mapping[str, Constants]
    status_copies: Mapping[str, tuple[str, ...]]

    def mismatches(self, when: str, body: Any) -> list[tuple[str, Any, Any]]:
        """Constants of the case `when` that the body contradicts: pointer, expected, actual."""
        mismatches = []
        for at, constant in self.constants.get(when, {}).items():
            value = pointer.follow(body, pointer.parts(at))
            if value is not ABSENT and not _same(value, constant):
                mismatches.append((at, constant, value))
        return mismatches


def _same(value: Any, constant: Any) -> bool:
    return bool(value == constant) and isinstance(value, bool) == isinstance(constant, bool)


@lru_cache(maxsize=512)
def discriminating_constants(contract: Contract, operation: Operation) -> DiscriminatingConstants:
    """The discriminating constants of an operation."""
    # A message is free text: a server may word it as it likes. So a constant counts only if another
    # case has another constant at the same pointer. What stands in one case alone, or is the same in
    # all of them, tells no case from another, and a server is free in it; so it is where any case has
    # a message.
    bodies = {
        when: entry["body"]
        for answer in (*_shared(contract), *answer_templates.responses(contract, operation).values())
        for entry in answer_templates.response_templates(answer)
        for when in entry["when"]
    }
    constants = {when: dict(_constants(body, "")) for when, body in bodies.items()}
    messages = {at for body in bodies.values() for at in _copies_of("error.message", body, "")}
    discriminating = _discriminating(constants) - messages
    return DiscriminatingConstants(
        {
            when: {at: constant for at, constant in of_case.items() if at in discriminating}
            for when, of_case in constants.items()
        },
        {when: tuple(_copies_of("error.status", body, "")) for when, body in bodies.items()},
    )


def _shared(contract: Contract) -> Iterator[Any]:
    """The responses that all operations share, other than the one for a method that has no operation."""
    for when, entry in contract.document["x-job"].get("answers", {}).items():
        if when != "method":
            yield resolve(contract.document, entry["response"])


def _discriminating(constants: Mapping[str, Constants]) -> set[str]:
    """The pointers at which at least two cases have different constants."""
    values: dict[str, set[str]] = {}
    for of_case in constants.values():
        for at, constant in of_case.items():
            values.setdefault(at, set()).add(repr(constant))
    return {at for at, different in values.items() if len(different) > 1}


def _constants(template: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(template, dict):
        if not _is_instruction(template):
            for key, part in template.items():
                yield from _constants(part, at + pointer.write((key,)))
    elif not isinstance(template, list) and template is not None:
        yield at, template


def _copies_of(name: str, template: Any, at: str) -> Iterator[str]:
    """The pointers at which a template shows the value of that name."""
    if isinstance(template, dict):
        if template.get("$") == name:
            yield at
        elif not _is_instruction(template):
            for key, part in template.items():
                yield from _copies_of(name, part, at + pointer.write((key,)))


def _is_instruction(template: Mapping[str, Any]) -> bool:
    return any(key.startswith("$") for key in template)
