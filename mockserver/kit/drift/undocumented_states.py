"""Status words that a contract lacks, with a phase guessed from their place in the lives of jobs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from mockserver.contract.lifecycle import StateWord
from mockserver.kit.drift.drift import UndocumentedState
from mockserver.kit.traffic.facts import Sighting
from mockserver.terms import ENDED, Phase

_NAMES: Final[tuple[tuple[Phase, re.Pattern[str]], ...]] = (
    ("cancelled", re.compile("cancel|abort|revoke|stopped", re.IGNORECASE)),
    ("failed", re.compile("fail|err|reject|expire|timeout|timed|denied|block", re.IGNORECASE)),
    ("succeeded", re.compile("succe|complete|done|finish|ready", re.IGNORECASE)),
)


@dataclass(slots=True)
class _Traces:
    """The neighbours of one word, and whether a link or a reason stood beside it."""

    before: dict[str, None] = field(default_factory=dict)
    after: dict[str, None] = field(default_factory=dict)
    linked: bool = False
    reasoned: bool = False


class UndocumentedStates:
    """Follows jobs through their words, in the order of the answers."""

    def __init__(self, states: Mapping[str, StateWord]) -> None:
        self._phases_of: dict[str, set[Phase]] = defaultdict(set)
        for state in states.values():
            self._phases_of[state.shown].add(state.phase)
        self._latest: dict[str, str] = {}
        self._traces: dict[str, _Traces] = defaultdict(_Traces)

    def add(self, sightings: Iterable[Sighting]) -> None:
        """Add what one answer says about jobs."""
        for sighting in sightings:
            word, job_id = sighting.state, sighting.job_id
            if word is None or job_id is None:
                continue
            last = self._latest.get(job_id)
            if last is not None and last != word:
                self._traces[last].after[word] = None
                self._traces[word].before[last] = None
            self._latest[job_id] = word
            traces = self._traces[word]
            traces.linked = traces.linked or bool(sighting.links)
            traces.reasoned = traces.reasoned or bool(sighting.text("job.reason"))

    def word(self, text: str) -> UndocumentedState:
        """A new word, its phase guessed from a link or reason beside it, its neighbours, then its name."""
        traces = self._traces[text]
        return UndocumentedState(text, self._phase(text, traces), tuple(traces.before), tuple(traces.after))

    def _phase(self, text: str, traces: _Traces) -> Phase:
        if traces.linked:
            return "succeeded"
        if traces.after:
            return self._within(traces)
        if traces.reasoned:
            return "failed"
        named = next((phase for phase, pattern in _NAMES if pattern.search(text)), None)
        return named or self._within(traces)

    def _within(self, traces: _Traces) -> Phase:
        """The phase of a word that other words may follow."""
        before, after = self._phases(traces.before), self._phases(traces.after)
        if "running" in before and "waiting" not in after:
            return "running"
        if "running" in after or "waiting" in after:
            return "waiting"
        return "running" if after & {*ENDED} else "waiting"

    def _phases(self, words: Iterable[str]) -> set[str]:
        return {phase for word in words for phase in self._phases_of.get(word, ())}
