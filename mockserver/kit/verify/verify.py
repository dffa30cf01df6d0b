"""A run over a live endpoint: the stages in order, within the budget, and what came of them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.errors import KitError, SettingsError
from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.run import Run, StageResult
from mockserver.kit.traffic.exchange import digest
from mockserver.kit.verify.address import check_key, check_url, is_loopback, split_base
from mockserver.kit.verify.budget import Budget, BudgetExceeded
from mockserver.kit.verify.context import Context, PlannedCall, StageSkipped
from mockserver.kit.verify.context import Stage as Part
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.stages import STAGES
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.target import ServerUnderTest

FAR_JOBS: Final = 1
FAR_REQUESTS: Final = 300
FAR_RATE: Final = 2.0
FAR_INTERVAL: Final = 5.0
NEAR_JOBS: Final = 5000
NEAR_REQUESTS: Final = 50_000
NEAR_INTERVAL: Final = 0.25


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What to verify, and what it may cost. None is the default for that kind of endpoint.

    `url` is a base URL as clients have it or a server's address; `interval` and `patience` are seconds.
    Without a `key` an endpoint on this machine gets made-up ones, a new one for every history.
    """

    url: str
    contract: Contract
    key: str | None = None
    other_key: str | None = None
    models: Sequence[str] = ()
    stages: Sequence[str] = ()
    max_requests: int | None = None
    max_jobs: int | None = None
    rate: float | None = None
    interval: float | None = None
    patience: float = 600.0
    ledger: Path | None = None
    effort: SearchOptions = field(default_factory=SearchOptions)
    control: ControlClient | None = None

    @property
    def near(self) -> bool:
        """Whether the endpoint is on this machine, where nothing is charged."""
        return is_loopback(self.url)

    @property
    def jobs(self) -> int:
        """How many submits may leave that might be paid for."""
        return self.max_jobs if self.max_jobs is not None else NEAR_JOBS if self.near else FAR_JOBS

    @property
    def requests(self) -> int:
        """How many requests may leave."""
        return self.max_requests or (NEAR_REQUESTS if self.near else FAR_REQUESTS)

    @property
    def subject(self) -> str:
        """Whose ledger it is."""
        key = f" key {digest(self.key)}" if self.key else ""
        return f"{self.contract.provider} at {self.url.rstrip('/')}{key}"


@dataclass(slots=True)
class Progress:
    """Who is told how a run goes on: `stage` at the beginning of one, `step` within it.

    `sleep` waits, in seconds."""

    stage: Callable[[str], None] = lambda said: None
    step: Callable[[str], None] = lambda said: None
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class StagePlan:
    """What a stage would do: its calls, or why it would be left out."""

    stage: Part
    calls: tuple[PlannedCall, ...]
    left_out: str = ""


def plan(request: VerifyOptions) -> list[StagePlan]:
    """Every stage with the calls it would make. Nothing is sent, and no ledger is begun."""
    begun = request.ledger if request.ledger and request.ledger.exists() else None
    with _prepared(replace(request, ledger=begun), Progress()) as context:
        return [_outline(stage, context) for stage in chosen(request)]


def verify(request: VerifyOptions, watch: Progress | None = None) -> tuple[Run, ServerUnderTest]:
    """Run the stages; the run, and the target with its whole history.

    Raises SettingsError where URL, key, ledger, or the choice of stages or models makes no sense, KitError
    where nothing fails because the key never lets anybody in.
    """
    watch = watch or Progress()
    started, begun = time.time(), time.perf_counter()
    with _prepared(request, watch) as context:
        stages = [_run(stage, context, watch) for stage in chosen(request)]
        context.target.conclude()
        target, ledger = context.target, context.target.budget.ledger
        if not ledger.open_jobs:
            ledger.finish()
    run = Run(
        kind="verify",
        provider=request.contract.provider,
        profile=request.contract.profile,
        target=request.url,
        started=started,
        took=time.perf_counter() - begun,
        calls=target.budget.requests,
        jobs=ledger.paid,
        findings=tuple(_different(target.findings)),
        seed=request.effort.seed,
        stages=tuple(stages),
        notes=tuple(context.notes),
        histories={one.finding.fingerprint: one.steps for one in context.shortest},
    )
    if not run.failed and _is_shut_out(target):
        raise KitError(
            "every request with the key was answered 401 or 403, so there is no verdict: is it right?"
        )
    return run, target


def _is_shut_out(target: ServerUnderTest) -> bool:
    """Whether whoever asks with a key is never let in."""
    asked = {call.exchange.status for call in target.whole().calls if call.exchange.caller}
    return bool(asked) and asked <= {401, 403}


def chosen(request: VerifyOptions) -> list[Part]:
    """The stages that are asked for. Raises SettingsError for an unknown one."""
    known = {stage.name: stage for stage in STAGES}
    strange = [name for name in request.stages if name not in known]
    if strange:
        raise SettingsError(f"no stage {strange[0]!r}; stages: {', '.join(known)}")
    return [stage for stage in STAGES if not request.stages or stage.name in request.stages]


@contextmanager
def _prepared(request: VerifyOptions, watch: Progress) -> Iterator[Context]:
    contract = request.contract
    strange = [name for name in request.models if name not in contract.models]
    if strange:
        raise SettingsError(f"no model {strange[0]!r}; models: {', '.join(contract.models)}")
    check_url(request.url)
    for key in (request.key, request.other_key):
        check_key(key)
    mint = _mint if request.near and request.key is None else None
    url, prefix = split_base(request.url, contract)
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(request.ledger, request.subject))
        rate = request.rate if request.rate is not None else None if request.near else FAR_RATE
        budget = Budget(ledger, request.requests, request.jobs, rate, watch.sleep)
        target = ServerUnderTest(
            contract=contract,
            url=url,
            key=request.key or _mint(),
            budget=budget,
            prefix=prefix,
            other_key=request.other_key or (_mint() if mint else None),
            control=request.control,
        )
        stack.callback(target.close)
        near = NEAR_INTERVAL if request.near else FAR_INTERVAL
        yield Context(
            target=target,
            contract=contract,
            models=tuple(request.models) or tuple(contract.models),
            effort=request.effort,
            interval=near if request.interval is None else request.interval,
            patience=request.patience,
            mint=mint,
            progress=watch.step,
        )


def _outline(stage: Part, context: Context) -> StagePlan:
    try:
        return StagePlan(stage, tuple(stage.plan(context)))
    except StageSkipped as reason:
        return StagePlan(stage, (), str(reason))


def _run(stage: Part, context: Context, watch: Progress) -> StageResult:
    target = context.target
    calls, jobs, found = target.budget.requests, target.budget.ledger.paid, len(target.findings)
    left_out = ""
    watch.stage(stage.title)
    try:
        stage.plan(context)
        stage.run(context)
    except StageSkipped as reason:
        left_out = str(reason)
    except BudgetExceeded as reason:
        left_out = f"stopped: {reason}"
    return StageResult(
        name=stage.name,
        title=stage.title,
        calls=target.budget.requests - calls,
        jobs=target.budget.ledger.paid - jobs,
        findings=len(_different(target.findings[found:])),
        left_out=left_out,
    )


def _different(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each fingerprint and text."""
    first: dict[Any, Finding] = {}
    for one in findings:
        first.setdefault((one.fingerprint, one.expected), one)
    return list(first.values())


def _mint() -> str:
    return f"verify-{secrets.token_hex(8)}"
