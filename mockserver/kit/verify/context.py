"""What a stage of a run works with, and what it plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from mockserver.contract.model import Contract, Operation
from mockserver.kit.findings.account import Gap
from mockserver.kit.verify.state_machine import MinimalExample, SearchOptions
from mockserver.kit.verify.target import ServerUnderTest

Billable = Literal["no", "if accepted", "yes"]


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """Calls that a stage would make: how many at most, and whether the server may charge for them.

    `if accepted` are submits that a faithful server refuses; a server that accepts them may charge.
    """

    operation: str
    path: str
    what: str
    calls: int
    billable: Billable = "no"


@dataclass(slots=True)
class Context:
    """One run: the target, the models to submit, and how patiently to poll.

    `interval` is the seconds between two polls, `patience` the seconds in all for one job. `new_key` makes
    a key that nobody has used, where the target accepts any key.
    """

    target: ServerUnderTest
    contract: Contract
    models: tuple[str, ...]
    search: SearchOptions
    interval: float = 2.0
    patience: float = 600.0
    new_key: Callable[[], str] | None = None
    progress: Callable[[str], None] = lambda text: None
    minimal_examples: list[MinimalExample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def lacks(self, reason: str, where: str = "") -> None:
        """Record that something of the stage could not be judged: `where`, or the stage as a whole."""
        stage = self.target.account.stage
        self.gaps.append(Gap(f"{stage}: {where}" if where else f"stage {stage}", reason))

    @property
    def asked_models(self) -> tuple[str, ...]:
        """The models that the run is about; empty where it is about all of the contract."""
        return () if {*self.models} >= self.contract.models.keys() else self.models

    def operation(self, role: str) -> Operation | None:
        """The contract's first operation of that role."""
        return next(iter(self.operations(role)), None)

    def pause(self) -> float:
        """Wait for the next poll, on the server's clock where it can be moved; the seconds waited."""
        target = self.target
        if target.control is not None and self.new_key is not None:
            target.advance(self.interval)
        else:
            target.budget.wait(self.interval)
        return self.interval

    def operations(self, *roles: str) -> list[Operation]:
        """The contract's operations of those roles."""
        return [operation for operation in self.contract.operations.values() if operation.role in roles]


class StageSkipped(Exception):
    """A stage cannot run for lack of something. Its text says of what."""


class NotApplicable(StageSkipped):
    """A stage has nothing to ask by this contract, so that nothing is missing."""


class Stage(Protocol):
    """One part of a run. `free` says that a faithful server charges for nothing in it."""

    name: str
    title: str
    free: bool

    def plan(self, context: Context) -> list[PlannedCall]:
        """Every call that it would make, in groups. Raises StageSkipped."""
        ...

    def run(self, context: Context) -> None:
        """Make the calls. Raises BudgetExceeded."""
        ...
