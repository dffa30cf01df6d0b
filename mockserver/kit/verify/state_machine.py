"""The state machine: histories that nobody would write down, shrunk to the shortest that breaks a rule.

It submits, reads, lists, cancels, moves the clock where the target can, asks for jobs that are not there
and as somebody else; every answer is judged by the checks in view of all that went before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NamedTuple

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

from mockserver.contract.model import Contract, Operation
from mockserver.kit.examples import unknown_id
from mockserver.kit.findings.finding import Finding
from mockserver.kit.strategies.near_misses import NearMiss, every_near_miss
from mockserver.kit.strategies.submit_requests import SubmitRequest, from_contract
from mockserver.kit.traffic.call import Call
from mockserver.kit.verify.budget import BudgetExceeded
from mockserver.kit.verify.target import ServerUnderTest

_ROUNDS: Final = 8
_KEPT: Final = 16
_SECONDS: Final = st.sampled_from((0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 9.0, 60.0, 3600.0))


class StepFailed(AssertionError):
    """A step showed findings. Raised within the machine, so that Hypothesis shrinks to it."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].sentence)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class MinimalExample:
    """A finding and the shortest history that shows it, a line a step."""

    finding: Finding
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How hard to look: histories, steps in each, and the seed they come from.

    `shrink` runs a bad history again in shorter forms, each of which may submit jobs anew.
    """

    examples: int = 25
    steps: int = 20
    seed: int = 0
    shrink: bool = True


class Stop(Exception):
    """The budget is spent, so there is no more to learn."""


def explore(
    target: ServerUnderTest, effort: SearchOptions, mint: Callable[[], str] | None = None
) -> list[MinimalExample]:
    """Every different finding, each with its shortest history.

    `mint` makes a key that nobody has used, so that each history begins with nothing; without it all of
    them go on from what the target knows. Raises nothing where the budget ends: the exploration ends then.
    """
    found: list[MinimalExample] = []
    seen: set[str] = {one.fingerprint for one in target.findings}
    for _ in range(_ROUNDS):
        shortest = _round(target, effort, mint, seen)
        if not shortest:
            break
        found += shortest
        seen |= {one.finding.fingerprint for one in shortest}
    return found


def _round(
    target: ServerUnderTest, effort: SearchOptions, mint: Callable[[], str] | None, seen: set[str]
) -> list[MinimalExample]:
    """One search that stops at the first finding not among `seen`."""
    last: list[Machine] = []

    def begin() -> Machine:
        last[:] = [Machine(target, mint, seen)]
        return last[0]

    begin.TestCase = Machine.TestCase  # type: ignore[attr-defined]
    run = hypothesis.seed(effort.seed)(get_state_machine_test(begin, settings=_settings(effort)))  # type: ignore[arg-type]
    try:
        run()
    except StepFailed as broken:
        return [MinimalExample(one, tuple(last[0].steps)) for one in broken.findings]
    except (Flaky, FlakyFailure) as flaky:
        return [MinimalExample(one, tuple(last[0].steps)) for one in _behind(flaky)]
    except Stop:
        pass
    return []


def _behind(error: BaseException) -> list[Finding]:
    """The findings of a history that could not be repeated: time goes on where nobody can stop it."""
    inner = [*getattr(error, "exceptions", ()), *filter(None, (error.__cause__, error.__context__))]
    for one in inner:
        if isinstance(one, StepFailed):
            return one.findings
    return next((found for one in inner if (found := _behind(one))), [])


def _settings(effort: SearchOptions) -> settings:
    phases = (Phase.generate, Phase.shrink) if effort.shrink else (Phase.generate,)
    return settings(
        max_examples=effort.examples,
        stateful_step_count=effort.steps,
        deadline=None,
        database=InMemoryExampleDatabase(),
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )


class Drawn(NamedTuple):
    """What a history's submits are drawn from."""

    requests: st.SearchStrategy[SubmitRequest]
    misses: st.SearchStrategy[NearMiss]


class Machine(RuleBasedStateMachine):
    """One history of a target."""

    jobs = Bundle("jobs")

    def __init__(self, target: ServerUnderTest, mint: Callable[[], str] | None, seen: set[str]) -> None:
        super().__init__()
        self.target = target
        self.steps: list[str] = []
        self._seen = seen
        self._strangers = count(1)
        self._own_key = mint is not None
        if mint is not None:
            target.anew(mint())
            if target.control is not None:
                target.freeze()

    def operation(self, role: str) -> Operation | None:
        """The contract's first operation of that role."""
        return next((one for one in self.target.contract.operations.values() if one.role == role), None)

    def _may_submit(self) -> bool:
        return self.target.budget.jobs_left > 0

    def _has(self, role: str) -> bool:
        return self.operation(role) is not None

    def _moves(self) -> bool:
        return self.target.control is not None and self._own_key

    def step(self, said: str, ask: Callable[[], Call]) -> Call:
        """Make a step, note it, and stop where it shows something new."""
        before = len(self.target.findings)
        try:
            call = ask()
        except BudgetExceeded as spent:
            raise Stop from spent
        states = ", ".join(one.state or "?" for one in call.sightings[:3])
        status = call.exchange.status or call.exchange.error
        self.steps.append(f"{said} -> {status}{f' {states}' if states else ''}")
        new = [one for one in self.target.findings[before:] if self._counts(one)]
        if new:
            raise StepFailed(new)
        return call

    def _counts(self, finding: Finding) -> bool:
        return finding.severity != "note" and finding.fingerprint not in self._seen

    @precondition(lambda self: self._may_submit())
    @rule(target=jobs, data=st.data())
    def submit(self, data: st.DataObject) -> Any:
        """A valid submit, anywhere in the documented space."""
        asked = data.draw(_strategies(self.target.contract).requests)
        call = self.step(f"submit {asked.model}", lambda: self._submit(asked))
        found = [one.job for one in call.sightings if one.job]
        return found[0] if found else multiple()

    def _submit(self, asked: SubmitRequest) -> Call:
        operation = self.target.contract.operations[asked.operation]
        return self.target.ask(operation, body=asked.body, query=asked.query, headers=asked.headers)

    @precondition(lambda self: self._may_submit())
    @rule(data=st.data())
    def refused(self, data: st.DataObject) -> None:
        """A submit that breaks exactly one rule."""
        miss = data.draw(_strategies(self.target.contract).misses)
        operation = self.target.contract.operations[miss.asked.operation]
        said = f"submit with {miss.pointer} against {miss.keyword}"
        self.step(said, lambda: self.target.ask(operation, body=miss.asked.body))

    @rule(job=jobs)
    def read(self, job: str) -> None:
        """Poll a job."""
        self.step(f"read {job}", lambda: self._about("read", job))

    @precondition(lambda self: self.target.other_key is not None)
    @rule(job=jobs)
    def pry(self, job: str) -> None:
        """Read somebody else's job."""
        self.step(f"read {job} with another key", lambda: self._about("read", job, key=self.target.other_key))

    @rule()
    def stranger(self) -> None:
        """Read a job that is not there."""
        unknown = unknown_id(self.target.contract, next(self._strangers))
        self.step(f"read {unknown}", lambda: self._about("read", unknown))

    @precondition(lambda self: self._has("list"))
    @rule()
    def listing(self) -> None:
        """List the jobs."""
        operation = self.operation("list")
        assert operation is not None
        self.step("list", lambda: self.target.ask(operation))

    @precondition(lambda self: self._has("cancel"))
    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        """Cancel a job, whether it still can be or not."""
        self.step(f"cancel {job}", lambda: self._about("cancel", job))

    @precondition(lambda self: self._moves())
    @rule(seconds=_SECONDS)
    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.target.advance(seconds)
        self.steps.append(f"{seconds:g} s pass")

    def _about(self, role: str, job: str, **more: Any) -> Call:
        operation = self.target.history.about(role, job)
        assert operation is not None
        return self.target.about(operation, job, **more)


_drawn: dict[int, tuple[Contract, Drawn]] = {}


def _strategies(contract: Contract) -> Drawn:
    """Built once for a contract, which is kept beside them, so that its id stays its own."""
    if id(contract) not in _drawn:
        if len(_drawn) >= _KEPT:
            _drawn.clear()
        misses = every_near_miss(contract)
        _drawn[id(contract)] = (
            contract,
            Drawn(from_contract(contract), st.integers(0, len(misses) - 1).map(misses.__getitem__)),
        )
    return _drawn[id(contract)][1]


def histories(found: list[MinimalExample]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Fingerprint and steps of each."""
    return ((one.finding.fingerprint, one.steps) for one in found)
