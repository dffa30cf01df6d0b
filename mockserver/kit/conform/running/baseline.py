"""Whether a client asks the provider at all: where it does not, no case says anything about it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from mockserver.kit.conform.case import PLAIN, Case
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.running.applicability import why_silent


class Baseline:
    """What the baseline case has shown. `run_plain` runs it for a run that leaves it out, when it is needed.

    `silence` is why no case can be judged; empty while nothing is known against it.
    """

    def __init__(self, run_plain: Callable[[], Evidence]) -> None:
        self._run_plain = run_plain
        self._lock = threading.Lock()
        self._has_run = False
        self.silence = ""

    def why_silent(self, case: Case, evidence: Evidence) -> str:
        """Why the evidence of a case says nothing; empty if it says something.

        In a case of its own a client may do well to ask for nothing, but not in the baseline case too.
        """
        silence = why_silent(evidence)
        if case.id == PLAIN:
            self._note(silence)
            return silence
        if not silence:
            return ""
        with self._lock:
            if not self._has_run:
                self._note(why_silent(self._run_plain()))
        return self.silence

    def _note(self, silence: str) -> None:
        self._has_run = True
        if silence:
            self.silence = f"{PLAIN} could not run: {silence}"
