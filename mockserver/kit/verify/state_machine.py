"""The state machine: random histories, each that breaks a rule shrunk to a minimal one.

It submits, reads, lists and cancels, moves the clock where the target can, reads unknown jobs, and reads as
another account. The checks judge every answer in view of all calls before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky, FlakyFailure
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    get_state_machine_test,
    multiple,
    precondition,
    rule,
)

from mockserver.contract.model import Operation
from mockserver.kit.examples import unknown_id
from mockserver.kit.findings.finding import Finding
from mockserver.kit.strategies.submit_requests import SubmitRequest
from mockserver.kit.traffic.call import Call
from mockserver.kit.verify.budget import BudgetExceeded
from mockserver.kit.verify.finished_source import missing_session, unfinished_source, with_source
from mockserver.kit.verify.submit_outcome import job_in
from mockserver.kit.verify.submit_strategies import SubmitStrategies, strategies_of
from mockserver.kit.verify.target import ServerUnderTest

_MAX_ROUNDS: Final = 8
_LONGEST_WORD: Final = 60
"""Characters of a state that a history shows."""
NewKey = Callable[[], str]
Lacks = Callable[[str], object]
_PAUSES: Final = st.sampled_from((0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 9.0, 60.0, 3600.0))


class StepFailed(AssertionError):
    """A step showed new findings. Raised within the machine, so that Hypothesis shrinks the history."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].sentence)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class MinimalExample:
    """A finding and the shortest history that shows it, a line for each step."""

    finding: Finding
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How much to search: the number of histories, the steps in each, and the seed.

    `shrink` runs a history that failed again in shorter forms, each of which may submit jobs anew.
    """

    examples: int = 25
    steps: int = 20
    seed: int = 0
    shrink: bool = True


class SearchStopped(Exception):
    """The budget is used up, so that the search ends."""


def explore(
    target: ServerUnderTest,
    search: SearchOptions,
    new_key: NewKey | None = None,
    lacks: Lacks = str,
    models: tuple[str, ...] = (),
) -> list[MinimalExample]:
    """Every distinct finding, each with its shortest history, in which submits are of these models or of all.

    `new_key` makes a key that nobody has used, so that each history starts without jobs; without it every
    history goes on with the jobs that are there. Where the budget ends, the search ends; `lacks` gets
    the reason, as it gets any other why not all was searched.
    """
    examples: list[MinimalExample] = []
    known: set[str] = {finding.fingerprint for finding in target.findings}
    strategies = strategies_of(target.contract, models)
    # Hypothesis stops at the first failure and shrinks that one. So each round ignores the findings of the
    # rounds before it and searches again from the same seed, until a round finds nothing new. The number of
    # rounds is limited, because a server that is wrong everywhere would be explored for ever.
    for _ in range(_MAX_ROUNDS):
        minimal = _search_once(search, partial(Machine, target, strategies, new_key, known), lacks)
        if not minimal:
            break
        examples += minimal
        known |= {example.finding.fingerprint for example in minimal}
    return examples


def _search_once(
    search: SearchOptions, new_machine: Callable[[], Machine], lacks: Lacks
) -> list[MinimalExample]:
    """One search, which stops at the first new finding."""
    machines: list[Machine] = []

    def begin() -> Machine:
        machines[:] = [new_machine()]
        return machines[0]

    begin.TestCase = Machine.TestCase  # type: ignore[attr-defined]
    run = hypothesis.seed(search.seed)(get_state_machine_test(begin, settings=_settings(search)))  # type: ignore[arg-type]
    try:
        run()
    except StepFailed as broken:
        return [MinimalExample(finding, tuple(machines[0].steps)) for finding in broken.findings]
    except (Flaky, FlakyFailure) as flaky:
        findings = _findings_behind(flaky)
        if not findings:
            lacks(f"a history did not run the same way again: {type(flaky).__name__}")
        return [MinimalExample(finding, tuple(machines[0].steps)) for finding in findings]
    except SearchStopped as stopped:
        lacks(f"stopped: {stopped}")
    return []


def _findings_behind(error: BaseException) -> list[Finding]:
    """The findings of a history that did not fail again when Hypothesis repeated it.

    Where the clock cannot be stopped, the same steps may get other answers a moment later.
    """
    causes = [*getattr(error, "exceptions", ()), *filter(None, (error.__cause__, error.__context__))]
    for cause in causes:
        if isinstance(cause, StepFailed):
            return cause.findings
    for cause in causes:
        findings = _findings_behind(cause)
        if findings:
            return findings
    return []


def _settings(search: SearchOptions) -> settings:
    phases = (Phase.generate, Phase.shrink) if search.shrink else (Phase.generate,)
    return settings(
        max_examples=search.examples,
        stateful_step_count=search.steps,
        deadline=None,
        database=InMemoryExampleDatabase(),
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )


class Machine(RuleBasedStateMachine):
    """One history of a target.

    Hypothesis draws the rules in the order of their names, so another name is another history for a seed.
    """

    jobs = Bundle("jobs")

    def __init__(
        self, target: ServerUnderTest, strategies: SubmitStrategies, new_key: NewKey | None, known: set[str]
    ) -> None:
        super().__init__()
        self.target = target
        self._strategies = strategies
        self.steps: list[str] = []
        self._known = known
        self._unknown_numbers = count(1)
        self._own_key = new_key is not None
        if new_key is not None:
            target.start_history(new_key())
            if target.control is not None:
                target.freeze()

    def operation(self, role: str) -> Operation | None:
        """The contract's first operation of that role."""
        operations = self.target.contract.operations.values()
        return next((operation for operation in operations if operation.role == role), None)

    def _may_submit(self) -> bool:
        return self.target.budget.jobs_left > 0

    def _has(self, role: str) -> bool:
        return self.operation(role) is not None

    def _has_clock(self) -> bool:
        return self.target.control is not None and self._own_key

    def step(self, line: str, send: Callable[[], Call]) -> Call:
        """Make a step, record it, and fail where it shows a new finding."""
        try:
            call = send()
        except BudgetExceeded as spent:
            raise SearchStopped(str(spent)) from spent
        states = ", ".join((sighting.state or "?")[:_LONGEST_WORD] for sighting in call.sightings[:3])
        outcome = str(call.exchange.status or call.exchange.error)
        self.steps.append(" ".join(filter(None, (line, "->", outcome, states))))
        new = [finding for finding in self.target.findings.step if self._is_new(finding)]
        if new:
            raise StepFailed(new)
        return call

    def _is_new(self, finding: Finding) -> bool:
        return finding.severity != "note" and finding.fingerprint not in self._known

    @precondition(lambda self: self._may_submit())
    @rule(target=jobs, data=st.data())
    def submit(self, data: st.DataObject) -> Any:
        """A valid submit, drawn from all that the contract allows."""
        request = data.draw(self._strategies.requests)
        source = unfinished_source(self.target.contract, request.operation, self.target.history)
        if source is not None and self._has_clock():
            self.advance(seconds=3600)
            self.read(job=source)
        missing = missing_session(self.target.contract, request.operation, self.target.history)
        if missing is not None:
            self.step(f"open {missing.operation}", lambda: self.target.submit(missing))
        call = self.step(f"submit {request.model}", lambda: self._submit(request))
        return job_in(call) or multiple()

    def _submit(self, request: SubmitRequest) -> Call:
        operation = self.target.contract.operations[request.operation]
        body = with_source(operation, request.body, self.target.history)
        return self.target.submit(replace(request, body=body))

    @precondition(lambda self: self._may_submit())
    @rule(data=st.data())
    def send_invalid(self, data: st.DataObject) -> None:
        """A submit that breaks exactly one rule."""
        miss = data.draw(self._strategies.misses)
        self.step(f"submit with {miss.pointer} against {miss.keyword}", lambda: self._submit(miss.request))

    @rule(job=jobs)
    def read(self, job: str) -> None:
        """Poll a job."""
        self.step(f"read {job}", lambda: self._about("read", job))

    @precondition(lambda self: self.target.other_key is not None)
    @rule(job=jobs)
    def other_account(self, job: str) -> None:
        """Read a job with the key of another account."""
        self.step(f"read {job} with another key", lambda: self._about("read", job, key=self.target.other_key))

    @rule()
    def unknown_job(self) -> None:
        """Read a job that does not exist."""
        unknown = unknown_id(self.target.contract, next(self._unknown_numbers))
        self.step(f"read {unknown}", lambda: self._about("read", unknown))

    @precondition(lambda self: self._has("list"))
    @rule(data=st.data())
    def listing(self, data: st.DataObject) -> None:
        """List the jobs, those of one route where each has a list of its own."""
        lists = [entry for entry in self.target.contract.operations.values() if entry.role == "list"]
        operation = lists[0] if len(lists) == 1 else data.draw(st.sampled_from(lists))
        self.step("list", lambda: self.target.call(operation))

    @precondition(lambda self: self._has("cancel"))
    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        """Cancel a job, whatever its state."""
        self.step(f"cancel {job}", lambda: self._about("cancel", job))

    @precondition(lambda self: self._has_clock())
    @rule(seconds=_PAUSES)
    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.target.advance(seconds)
        self.steps.append(f"{seconds:g} s pass")

    def _about(self, role: str, job: str, **more: Any) -> Call:
        operation = self.target.history.operation_for(role, job)
        assert operation is not None
        return self.target.call_about(operation, job, **more)


def histories(examples: list[MinimalExample]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The fingerprint and the steps of each example."""
    return ((example.finding.fingerprint, example.steps) for example in examples)
