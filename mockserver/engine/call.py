"""A request on its way: what is known of it so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mockserver.contract.model import Contract, Model, Operation
from mockserver.engine.message import Request
from mockserver.jobs.job import Job, State


@dataclass(slots=True)
class Call:
    """One request to one operation, filled in from the door to the answer.

    `now` is Unix milliseconds; `violations` are why it was refused, `warnings` what was let pass.
    """

    contract: Contract
    operation: Operation
    request: Request
    now: int
    random: Random
    tenant: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    body: Any = None
    job: Job | None = None
    state: State | None = None
    jobs: Sequence[tuple[Job, State]] = ()
    jobs_count: int | None = None
    model: Model | None = None
    error: str | None = None
    status: int | None = None
    violations: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
