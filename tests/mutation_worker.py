"""One copy of the checkout in which mutants are judged, one after the other."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from multiprocessing import Pipe
from pathlib import Path
from typing import Final, NamedTuple, Self

from tests.mutants_of_source import ROOT, Mutant
from tests.mutation_map import Choice
from tests.mutation_patch import code_changes
from tests.mutation_processes import BROKE, fork, kill, kill_group, limit_cpu
from tests.mutation_runs import BY_TIME, Only
from tests.mutation_session import Request, Session

NOTICED, SURVIVED, UNREACHED = "noticed", "survived", "no test runs it"
TIMED_OUT: Final = "a test ran into its time limit"
SLOW, WAITING = "ran out of CPU time", "did not end"
NOT_RUN: Final = "the tests did not run"
QUIET: Final = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0")
INTERNAL_ERROR, NO_TESTS_RAN = 3, 5
SLACK: Final = 20
"""CPU seconds that a run may take beyond five times what its tests took when they were recorded."""
PATIENCE: Final = 12
"""How many times its CPU seconds a run may last: a busy machine is slow, a change may let a test wait."""


class Result(NamedTuple):
    """What became of a mutant, and how many tests that run its line were beyond the budget."""

    mutant: Mutant
    verdict: str
    left_out: int = 0


class _Run(NamedTuple):
    mutant: Mutant
    choice: Choice
    child: int
    in_session: bool
    deadline: float


class Worker:
    """Judges a mutant at a time, in a session that has collected the tests, or anew if it changes imports."""

    def __init__(self, copy: Path, files: list[str]) -> None:
        self.output = copy.with_suffix(".txt")
        self._copy = copy
        self._files = files
        self._temporary = f"--basetemp={copy}.temporary"
        self._run: _Run | None = None
        self._changed = 0

    def __enter__(self) -> Self:
        """Begin to collect the tests."""
        self._session, requests = Pipe()

        def collect() -> int:
            self._session.close()
            return Session(requests).run([*QUIET, self._temporary, *self._files])

        self._collector = fork(self._copy, self.output, collect)
        requests.close()
        return self

    def __exit__(self, *_: object) -> None:
        if self._run:
            kill_group(self._run.child)
        kill(self._collector)
        self._session.close()

    def wait(self) -> None:
        """Wait until all tests are collected.

        Raises:
            SystemExit: they cannot be.
        """
        self._hear()

    def _hear(self) -> int | None:
        """What the session tells next; where it has ended, so does this process, with what it wrote."""
        try:
            told: int | None = self._session.recv()
        except EOFError:
            sys.exit(self.output.read_text(errors="replace")[-3000:])
        return told

    @property
    def busy(self) -> bool:
        """Whether it judges a mutant."""
        return self._run is not None

    def start(self, mutant: Mutant, choice: Choice) -> None:
        """Change the copy and run the tests of the choice, of which there are some."""
        target = self._copy / mutant.path
        before = target.read_text(encoding="utf-8")
        target.write_text(mutant.source, encoding="utf-8")
        self._changed += 1  # a time of its own, so that no other change's compiled module is taken
        later = (ROOT / mutant.path).stat().st_mtime + 10 * self._changed
        os.utime(target, (later, later))
        seconds = round(5 * choice.seconds) + SLACK
        in_session = not choice.at_import and code_changes(before, mutant.source) is not None
        if in_session:
            self._session.send(Request(str(target), before, mutant.source, choice.tests, seconds))
            child = self._session.recv()
        else:
            child = self._fresh(choice, seconds)
        self._run = _Run(mutant, choice, child, in_session, time.monotonic() + PATIENCE * seconds)

    def _fresh(self, choice: Choice, seconds: int) -> int:
        files = list(dict.fromkeys(test.partition("::")[0] for test in choice.tests))

        def run() -> int:
            limit_cpu(seconds)
            return Only(choice.tests).run([*QUIET, self._temporary, *files])

        return fork(self._copy, self.output, run)

    def ended(self) -> Result | None:
        """What became of the mutant, once that is known; None before, or if there is none."""
        run = self._run
        code = self._code(run) if run else None
        if run is None or code is None:
            return None
        self._run = None
        shutil.copy2(ROOT / run.mutant.path, self._copy / run.mutant.path)
        late = code == -signal.SIGKILL and time.monotonic() > run.deadline
        return Result(run.mutant, WAITING if late else verdict(code), run.choice.left_out)

    def _code(self, run: _Run) -> int | None:
        if time.monotonic() > run.deadline:
            kill_group(run.child)
        if run.in_session:
            return self._hear() if self._session.poll() else None
        ended, status = os.waitpid(run.child, os.WNOHANG)
        if not ended:
            return None
        kill_group(run.child)
        return os.waitstatus_to_exitcode(status)


def verdict(code: int) -> str:
    """What the exit code of a run says of the tests."""
    verdicts = {0: SURVIVED, BY_TIME: TIMED_OUT, -signal.SIGXCPU: SLOW, -signal.SIGKILL: SLOW}
    broken = (INTERNAL_ERROR, NO_TESTS_RAN, BROKE)
    return verdicts.get(code, NOT_RUN if code in broken else NOTICED)
