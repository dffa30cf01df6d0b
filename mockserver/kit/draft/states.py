"""Guesses the states of a job from the words that its status field lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.kit.draft import finder
from mockserver.kit.draft.description import Description
from mockserver.kit.draft.vocabulary import ASIDE, PHASES, phase_of, plain
from mockserver.terms import Phase

SECONDS: Final[Mapping[str, float]] = {"waiting": 2, "running": 6}
"""How long the mock stays in a phase: 8 s in all."""
_ASSUMED: Final = ("queued", "processing", "completed", "failed")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_-]+")
_ORDER: Final = list(PHASES)


class GuessedState(NamedTuple):
    """A word of the status field, the phase that it stands for, and how we know: listed, shown or assumed."""

    word: str
    phase: Phase
    is_listed: bool
    is_sure: bool


def guess_states(description: Description, answers: Iterable[Any]) -> list[GuessedState]:
    """The states that the answers' status fields list, in the order of a job's life."""
    fields = [finder.status_field(description, answer) for answer in answers]
    status = [field.schema for field in fields if field is not None]
    listed = list(dict.fromkeys(word for schema in status for word in description.words(schema)))
    words = listed or _shown(description, status)
    states = [
        GuessedState(word, phase_of(word) or "running", bool(listed), bool(phase_of(word))) for word in words
    ]
    states = sorted(states, key=_age)
    return [*states, *_missing(states)]


def _age(state: GuessedState) -> int:
    phases: Sequence[str] = ("waiting", "running", "succeeded", "failed", "cancelled")
    text = plain(state.word)
    within = _ORDER.index(text) if text in _ORDER else 40
    return phases.index(state.phase) * 100 + within


def _shown(description: Description, schemas: Sequence[Any]) -> list[str]:
    """Words of states among the examples, or in the descriptions, of fields that list none."""
    values = [value for schema in schemas for value in description.shown(schema)]
    words = [value for value in values if isinstance(value, str) and phase_of(value)]
    texts = [str(form.get("description", "")) for schema in schemas for form in description.branches(schema)]
    for text in texts:
        known = [word for word in _WORD.findall(text) if phase_of(word)]
        if len({phase_of(word) for word in known}) > 2:
            words += known
    return list(dict.fromkeys(words))


def _missing(states: Sequence[GuessedState]) -> list[GuessedState]:
    """What a job's life lacks: it begins, ends well or fails. A word in capitals has others like it."""
    phases = {state.phase for state in states}
    needed: list[str] = []
    if not phases & {"waiting", "running"}:
        needed += _ASSUMED[:2]
    needed += [word for word in _ASSUMED[2:] if PHASES[word] not in phases]
    upper = bool(states) and all(state.word.isupper() for state in states)
    return [
        GuessedState(word.upper() if upper else word, PHASES[word], is_listed=False, is_sure=False)
        for word in needed
    ]


def successors(states: Sequence[GuessedState]) -> dict[str, list[str]]:
    """The states that each may be followed by; the first is where a job goes when nothing goes wrong."""
    way = [state for state in states if state.phase in SECONDS and plain(state.word) not in ASIDE]
    if not way:
        way = [state for state in states if state.phase in SECONDS][:1]
    aside = [state.word for state in states if state.phase in SECONDS and state not in way]
    good = [state.word for state in states if state.phase == "succeeded"]
    bad = [state.word for state in states if state.phase == "failed"]
    bad += [state.word for state in states if state.phase == "cancelled"]
    following: dict[str, list[str]] = {state.word: [] for state in states}
    for number, state in enumerate(way):
        last = number == len(way) - 1
        onward = good if last else [way[number + 1].word]
        following[state.word] = [*onward, *bad, *(aside if number == 0 else [])]
    for word in aside:
        following[word] = [way[min(1, len(way) - 1)].word, *bad]
    return following
