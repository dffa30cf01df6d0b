"""The words of a provider's states, and the way through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.terms import Phase


class StateWord(NamedTuple):
    """One word of `x-job.states`; `lasts` is our default dwell in milliseconds."""

    word: str
    phase: Phase
    next: tuple[str, ...]
    lasts: int
    provenance: str


def beginning(states: Mapping[str, StateWord]) -> StateWord:
    """Where a job begins: the first word that is no other's successor.

    Not simply the first word, because a merge patch cannot put one before another.
    """
    first = next(iter(states.values()))
    followers = {word for state in states.values() for word in state.next}
    return next((state for state in states.values() if state.word not in followers and state.next), first)


def way(states: Mapping[str, StateWord]) -> tuple[StateWord, ...]:
    """The way when nothing goes wrong: from the word that follows none by the first successors to an end."""
    path = [beginning(states)]
    while path[-1].next and len(path) <= len(states):
        path.append(states[path[-1].next[0]])
    return tuple(path)


def ending(states: Mapping[str, StateWord], phase: str) -> StateWord | None:
    """The first word of that phase, or None where the provider has none."""
    return next((state for state in states.values() if state.phase == phase), None)
