"""Discriminating constants: fixed values in answers that tell cases apart, such as an error code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import resolve
from mockserver.kit.traffic import answer_templates


class PossibleValues(NamedTuple):
    """What a template can show at a place: fixed values, and with `others` any that a job or request has."""

    values: tuple[Any, ...]
    others: bool = False


Constants = Mapping[str, PossibleValues]
"""The places of a template that have fixed values, by their JSON pointer."""


@dataclass(frozen=True, slots=True)
class DiscriminatingConstants:
    """Of one operation, by case: its discriminating constants, and the pointers that repeat the status."""

    constants: Mapping[str, Constants]
    status_copies: Mapping[str, tuple[str, ...]]

    def mismatches(self, when: str, body: Any) -> list[tuple[str, Any, Any]]:
        """Constants of the case `when` that the body contradicts: pointer, expected, actual."""
        mismatches = []
        for at, possible in self.constants.get(when, {}).items():
            value = pointer.follow(body, pointer.parts(at))
            if value is ABSENT or _is_among(possible.values, value):
                continue
            if not possible.others or self._is_of_another(at, value):
                mismatches.append((at, _expected(possible), value))
        return mismatches

    def name(self, cases: Iterable[str], body: Any) -> bool:
        """Whether the body has a constant of any of these cases, and contradicts none of that case."""
        return any(self._has_constant(when, body) and not self.mismatches(when, body) for when in cases)

    def _has_constant(self, when: str, body: Any) -> bool:
        exact = ((at, each) for at, each in self.constants.get(when, {}).items() if not each.others)
        values = ((pointer.follow(body, pointer.parts(at)), possible) for at, possible in exact)
        return any(value is not ABSENT and _is_among(possible.values, value) for value, possible in values)

    def _is_of_another(self, at: str, value: Any) -> bool:
        """Whether some case has this value alone at a place."""
        places = (of_case.get(at) for of_case in self.constants.values())
        return any(place and not place.others and _is_among(place.values, value) for place in places)


def _expected(possible: PossibleValues) -> Any:
    if len(possible.values) == 1:
        return possible.values[0]
    return [*possible.values]


def _is_among(values: Iterable[Any], value: Any) -> bool:
    return any(_same(value, constant) for constant in values)


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
    reasons = contract.document["x-job"].get("reasons", {}).values()
    codes = tuple(reason["code"] for reason in reasons if "code" in reason)
    constants = {when: _constants(body, codes) for when, body in bodies.items()}
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
        for at, possible in of_case.items():
            values.setdefault(at, set()).add(repr(possible))
    return {at for at, different in values.items() if len(different) > 1}


def _constants(template: Any, codes: tuple[Any, ...]) -> Constants:
    """The places with fixed values; `codes` are those that reasons of failed jobs have."""
    places: dict[str, PossibleValues] = {}
    for at, possible in _possible_values(template, "", codes):
        former = places.get(at, PossibleValues(()))
        places[at] = PossibleValues((*former.values, *possible.values), former.others or possible.others)
    unknown = tuple(f"{at}/" for at, possible in places.items() if possible.others)
    return {at: each for at, each in places.items() if each.values and not at.startswith(unknown)}


def _possible_values(template: Any, at: str, codes: tuple[Any, ...]) -> Iterator[tuple[str, PossibleValues]]:
    if not isinstance(template, dict):
        if not isinstance(template, list) and template is not None:
            yield at, PossibleValues((template,))
    elif "$when" in template:
        for branch in ("$then", "$else"):
            yield from _possible_values(template.get(branch), at, codes)
    elif _is_instruction(template):
        yield at, PossibleValues(codes * (template.get("$") == "job.code"), others=True)
    else:
        for key, part in template.items():
            yield from _possible_values(part, at + pointer.write((key,)), codes)


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
