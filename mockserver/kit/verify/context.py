"""What every stage of a run is given, and what it says before it begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from mockserver.contract.model import Contract, Operation
from mockserver.kit.verify.state_machine import MinimalExample, SearchOptions
from mockserver.kit.verify.target import ServerUnderTest

Billable = Literal["no", "if accepted", "yes"]


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """Calls that a stage would make: how many at most, and whether a job may come of them.

    `if accepted` are submits that a faithful server refuses; a server that takes them may charge for them.
    """

    operation: str
    path: str
    what: str
    calls: int
    billable: Billable = "no"


@dataclass(slots=True)
class Context:
    """One run: the target, what to ask for, and how patiently.

    `interval` and `patience` are seconds between polls and in all for one job; `mint` makes a key that
    nobody has used, where the target takes any.
    """

    target: ServerUnderTest
    contract: Contract
    models: tuple[str, ...]
    effort: SearchOptions
    interval: float = 2.0
    patience: float = 600.0
    mint: Callable[[], str] | None = None
    progress: Callable[[str], None] = lambda said: None
    shortest: list[MinimalExample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def operation(self, role: str) -> Operation | None:
        """The contract's first operation of that role."""
        return next((one for one in self.contract.operations.values() if one.role == role), None)

    def pause(self) -> float:
        """Wait for the next poll: on the server's clock where it can be moved. The seconds waited."""
        target = self.target
        if target.control is not None and self.mint is not None:
            target.advance(self.interval)
        else:
            target.budget.sleep(self.interval)
        return self.interval

    def operations(self, *roles: str) -> list[Operation]:
        """The contract's operations of those roles."""
        return [one for one in self.contract.operations.values() if one.role in roles]


class StageSkipped(Exception):
    """A stage does not apply to this target; its text says why."""


class Stage(Protocol):
    """One part of a run. `free` says that a faithful server charges for none of it."""

    name: str
    title: str
    free: bool

    def plan(self, context: Context) -> list[PlannedCall]:
        """Every call it would make, in groups. Raises LeftOut."""
        ...

    def run(self, context: Context) -> None:
        """Make them. Raises Spent where the budget ends."""
        ...
