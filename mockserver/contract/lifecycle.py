"""The states of a provider's jobs, and the path that a job takes when nothing goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.terms import Phase


class StateWord(NamedTuple):
    """One word of `x-job.states`; `lasts` is our default dwell in milliseconds.

    `named` is the word that answers show in its place, empty where they show it. `links` says that an
    answer in this state may hold links before the job has succeeded.
    """

    word: str
    phase: Phase
    next: tuple[str, ...]
    lasts: int
    provenance: str
    links: bool
    named: str

    @property
    def shown(self) -> str:
        """The word that answers show, which several states may have."""
        return self.named or self.word


def initial_state(states: Mapping[str, StateWord]) -> StateWord:
    """The state of a new job: the first that follows no other.

    It need not be the first in the document, because a merge patch cannot put a key before another.
    """
    first = next(iter(states.values()))
    followers = {word for state in states.values() for word in state.next}
    return next((state for state in states.values() if state.word not in followers and state.next), first)


def default_path(states: Mapping[str, StateWord]) -> tuple[StateWord, ...]:
    """The states of a job that nothing goes wrong with: the initial one, then always the first successor."""
    path = [initial_state(states)]
    while path[-1].next and len(path) <= len(states):
        path.append(states[path[-1].next[0]])
    return tuple(path)


def first_of_phase(states: Mapping[str, StateWord], phase: str) -> StateWord | None:
    """The first state of that phase, or None where the provider has none."""
    return next((state for state in states.values() if state.phase == phase), None)
