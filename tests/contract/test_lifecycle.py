"""Which states a job of any contract goes through when nothing goes wrong, by an oracle of its own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final, get_args

from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycle import StateWord, default_path, first_of_phase, initial_state
from mockserver.terms import Phase

PHASES: Final[tuple[Phase, ...]] = get_args(Phase)
WORDS: Final = "abcde"


@st.composite
def courses(draw: st.DrawFn) -> Mapping[str, StateWord]:
    """Up to five states, each of any phase and with any successors but itself."""
    words = draw(st.permutations(WORDS))[: draw(st.integers(1, len(WORDS)))]
    states = {}
    for word in words:
        followers = draw(st.lists(st.sampled_from(words), unique=True))
        leads_to = tuple(other for other in followers if other != word)
        phase = draw(st.sampled_from(PHASES))
        states[word] = StateWord(word, phase, leads_to, 0, "", links=False, named="")
    return states


@given(courses())
def test_a_job_begins_in_the_first_state_that_leads_on_and_that_none_leads_to(
    states: Mapping[str, StateWord],
) -> None:
    heads = []
    for word, state in states.items():
        is_followed = any(word in other.next for other in states.values())
        if state.next and not is_followed:
            heads.append(word)

    assert initial_state(states).word == (heads or [*states])[0]


@given(courses())
def test_a_job_goes_to_the_first_successor_until_there_is_none(states: Mapping[str, StateWord]) -> None:
    path = default_path(states)

    assert path[0] == initial_state(states)
    assert all(later.word == state.next[0] for state, later in pairwise(path))
    # Where states lead in a circle the path ends as soon as it must have gone round.
    assert not path[-1].next or len(path) == len(states) + 1


@given(courses())
def test_the_first_state_of_a_phase_is_the_one_that_is_written_first(states: Mapping[str, StateWord]) -> None:
    for phase in PHASES:
        words = [state for state in states.values() if state.phase == phase]
        assert first_of_phase(states, phase) == (words[0] if words else None)
