"""Fixed words of a contract's answers that tell one case from another, as a code beside the status.

A word that stands in one case alone, or is the same in all, tells nothing: a server is free in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.kit.traffic import facts

Words = Mapping[str, Any]
"""Fixed values by their JSON pointer."""
_MOST: Final = 512
_known: dict[tuple[int, str], tuple[Any, DiscriminatingConstants]] = {}


@dataclass(frozen=True, slots=True)
class DiscriminatingConstants:
    """Of one operation: telling words by case, and by status where the body repeats the status."""

    constants: Mapping[str, Words]
    status_copies: Mapping[str, tuple[str, ...]]

    def mismatches(self, when: str, body: Any) -> list[tuple[str, Any, Any]]:
        """Words of that case that the body has otherwise: pointer, expected, actual."""
        found = []
        for at, word in self.constants.get(when, {}).items():
            value = pointer.follow(body, pointer.parts(at))
            if value is not ABSENT and (value != word or isinstance(value, bool) != isinstance(word, bool)):
                found.append((at, word, value))
        return found


def discriminating_constants(contract: Contract, operation: Operation) -> DiscriminatingConstants:
    """The wording of an operation, found once for a document."""
    key = (id(contract.document), operation.id)
    kept = _known.get(key)
    if kept is None or kept[0] is not contract.document:
        if len(_known) >= _MOST:
            _known.clear()
        kept = _known[key] = (contract.document, _read(contract, operation))
    return kept[1]


def _read(contract: Contract, operation: Operation) -> DiscriminatingConstants:
    cases = {
        when: entry["body"]
        for answer in facts.responses(contract, operation).values()
        for entry in facts.response_templates(answer)
        for when in entry["when"]
    }
    fixed = {when: dict(_fixed(body, "")) for when, body in cases.items()}
    values: dict[str, set[str]] = {}
    for words in fixed.values():
        for at, word in words.items():
            values.setdefault(at, set()).add(repr(word))
    telling = {at for at, seen in values.items() if len(seen) > 1}
    return DiscriminatingConstants(
        {when: {at: words[at] for at in words if at in telling} for when, words in fixed.items()},
        {when: tuple(_repeats(body, "")) for when, body in cases.items()},
    )


def _fixed(template: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(template, dict):
        if not any(key.startswith("$") for key in template):
            for key, part in template.items():
                yield from _fixed(part, at + pointer.write((key,)))
    elif not isinstance(template, list) and template is not None:
        yield at, template


def _repeats(template: Any, at: str) -> Iterator[str]:
    if isinstance(template, dict):
        if template.get("$") == "error.status":
            yield at
        elif not any(key.startswith("$") for key in template):
            for key, part in template.items():
                yield from _repeats(part, at + pointer.write((key,)))
