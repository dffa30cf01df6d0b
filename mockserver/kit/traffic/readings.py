"""Readings of an answer by the templates that it can have been made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.contract.model import Contract, Operation
from mockserver.kit.traffic.answer_templates import shared_words, shown_phases, template
from mockserver.kit.traffic.facts import Sighting, sightings

Reading = tuple[Any, tuple[Sighting, ...]]
"""A template, and what an answer tells by it."""


def best(contract: Contract, operation: Operation, cases: Sequence[str], body: Any) -> Reading:
    """The reading that tells most: by the fixed words that template and body share, then by the facts.

    Cases of several phases may have one template, and are read as one. There must be a case.
    """
    templates = {when: template(contract, operation, when) for when in cases}

    def reading(chosen: Any) -> Reading:
        alike = (when for when, other in templates.items() if other == chosen)
        phases = frozenset[str]().union(*(shown_phases(operation, when) for when in alike))
        return chosen, tuple(sightings(contract, chosen, body, phases))

    def explained(reading: Reading) -> tuple[int, int]:
        return shared_words(reading[0], body), sum(len(sighting.facts) for sighting in reading[1])

    return max(map(reading, templates.values()), key=explained)
