"""A run against a live endpoint: the stages in order, within the budget, and their findings."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.errors import SettingsError
from mockserver.kit.findings.account import Gap, gap_lines
from mockserver.kit.findings.finding_log import unjudged_lines, unlisted_notes
from mockserver.kit.findings.run import Run
from mockserver.kit.traffic.curl import KEY_VARIABLE, OTHER_KEY_VARIABLE
from mockserver.kit.traffic.exchange import digest
from mockserver.kit.verify.address import check_key, check_url, is_loopback, split_base
from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.completeness import gaps
from mockserver.kit.verify.context import Context, PlannedCall, Stage, StageSkipped
from mockserver.kit.verify.key_place import KeyStage, denial_of
from mockserver.kit.verify.ledger import Ledger
from mockserver.kit.verify.stage_run import run_stage
from mockserver.kit.verify.stages import STAGES
from mockserver.kit.verify.state_machine import SearchOptions, histories
from mockserver.kit.verify.target import ServerUnderTest

FAR_JOBS: Final = 1
FAR_REQUESTS: Final = 300
FAR_RATE: Final = 2.0
FAR_INTERVAL: Final = 5.0
NEAR_JOBS: Final = 5000
NEAR_REQUESTS: Final = 50_000
NEAR_INTERVAL: Final = 0.25
TIME_LIMIT: Final = 3600.0
"""Seconds of a run. One of ours takes one minute, a far one with a slow job a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What to verify, and what it may cost. None stands for the default of that kind of endpoint.

    `url` is a base URL as clients use it, or a server's address; `interval`, `patience` and `time_limit` are
    seconds.
    Without a `key`, an endpoint on this machine gets generated keys, a new one for every history.
    `key_variables` name the variables of the shell in which reports expect both keys.
    """

    url: str
    contract: Contract
    key: str | None = None
    other_key: str | None = None
    key_variables: tuple[str, str] = (KEY_VARIABLE, OTHER_KEY_VARIABLE)
    models: Sequence[str] = ()
    stages: Sequence[str] = ()
    max_requests: int | None = None
    max_jobs: int | None = None
    rate: float | None = None
    interval: float | None = None
    patience: float = 600.0
    time_limit: float = TIME_LIMIT
    ledger: Path | None = None
    search: SearchOptions = field(default_factory=SearchOptions)
    control: ControlClient | None = None

    @property
    def near(self) -> bool:
        """Whether the endpoint is on this machine, where nothing is charged."""
        return is_loopback(self.url)

    @property
    def jobs(self) -> int:
        """How many submits may be sent that the server may charge for."""
        if self.max_jobs is not None:
            return self.max_jobs
        return NEAR_JOBS if self.near else FAR_JOBS

    @property
    def requests(self) -> int:
        """How many requests may be sent."""
        if self.max_requests:
            return self.max_requests
        return NEAR_REQUESTS if self.near else FAR_REQUESTS

    @property
    def requests_per_second(self) -> float | None:
        """How fast requests may be sent; None for no limit."""
        if self.rate is not None or self.near:
            return self.rate
        return FAR_RATE

    @property
    def poll_interval(self) -> float:
        """Seconds between two polls of a job."""
        if self.interval is not None:
            return self.interval
        return NEAR_INTERVAL if self.near else FAR_INTERVAL

    @property
    def subject(self) -> str:
        """What the ledger is about: provider, endpoint, and a digest of the key."""
        key = f" key {digest(self.key)}" if self.key else ""
        return f"{self.contract.provider} at {self.url.rstrip('/')}{key}"


@dataclass(slots=True)
class Progress:
    """Callbacks of a run: `stage` at the beginning of each stage, `step` within it.

    `sleep` waits a number of seconds.
    """

    stage: Callable[[str], None] = lambda text: None
    step: Callable[[str], None] = lambda text: None
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class StagePlan:
    """What a stage would do: its calls, or why it would be left out."""

    stage: Stage
    calls: tuple[PlannedCall, ...]
    left_out: str = ""


def plan(options: VerifyOptions) -> list[StagePlan]:
    """Every stage with the calls that it would make. Nothing is sent, and no ledger is created."""
    begun = options.ledger if options.ledger and options.ledger.exists() else None
    with _context(replace(options, ledger=begun), Progress()) as context:
        return [_plan_stage(stage, context) for stage in select_stages(options)]


def verify(options: VerifyOptions, progress: Progress | None = None) -> tuple[Run, ServerUnderTest]:
    """Run the stages; the run, and the target with its whole history.

    Raises SettingsError where URL, key, ledger, stages or models make no sense.
    """
    progress = progress or Progress()
    started, begun = time.time(), time.perf_counter()
    with _context(options, progress) as context:
        stages = []
        for stage in select_stages(options):
            progress.stage(stage.title)
            stages.append(run_stage(stage, context, _advice(options)))
        denial = denial_of(context.target)
        if denial:
            progress.stage(KeyStage.title)
            stages.append(run_stage(KeyStage(), context))
        context.target.conclude()
        target, ledger = context.target, context.target.budget.ledger
        if not ledger.open_jobs:
            ledger.finish()
    run = Run(
        kind="verify",
        provider=options.contract.provider,
        profile=options.contract.profile,
        target=options.url,
        started=started,
        took=time.perf_counter() - begun,
        calls=target.budget.requests,
        jobs=ledger.paid,
        findings=tuple(target.findings),
        seed=options.search.seed,
        stages=tuple(stages),
        not_judged=_not_judged(context, options, denial),
        account=target.account.rows(),
        notes=(*context.notes, *unlisted_notes(target.findings.unlisted)),
        histories=dict(histories(context.minimal_examples)),
    )
    return run, target


def _advice(options: VerifyOptions) -> str:
    """What to do about a stage that is left out of a far run, where nobody chose the stages."""
    if options.near or options.stages:
        return ""
    return "; choose stages with --stage, or allow more jobs with --max-jobs"


def _not_judged(context: Context, options: VerifyOptions, denial: str) -> tuple[str, ...]:
    """What could not be judged, a line each."""
    target = context.target
    missing = gaps(context, every_stage=not options.stages)
    if denial:
        missing.insert(0, Gap("every request with the key", f"was {denial}: check the key"))
    return (*gap_lines(missing), *unjudged_lines(target.not_judged, target.findings.unlisted))


def select_stages(options: VerifyOptions) -> list[Stage]:
    """The stages that the options name, all where they name none. Raises SettingsError for an unknown one."""
    known = {stage.name: stage for stage in STAGES}
    unknown = [name for name in options.stages if name not in known]
    if unknown:
        raise SettingsError(f"no stage {unknown[0]!r}; stages: {', '.join(known)}")
    return [stage for stage in STAGES if not options.stages or stage.name in options.stages]


@contextmanager
def _context(options: VerifyOptions, progress: Progress) -> Iterator[Context]:
    contract = options.contract
    unknown = [name for name in options.models if name not in contract.models]
    if unknown:
        raise SettingsError(f"no model {unknown[0]!r}; models: {', '.join(contract.models)}")
    check_url(options.url)
    for key in (options.key, options.other_key):
        check_key(key)
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(options.ledger, options.subject))
        budget = Budget(
            ledger,
            options.requests,
            options.jobs,
            options.requests_per_second,
            progress.sleep,
            time_limit=options.time_limit,
        )
        target = _target(options, budget)
        stack.callback(target.close)
        yield Context(
            target=target,
            contract=contract,
            models=tuple(options.models) or tuple(contract.models),
            search=options.search,
            interval=options.poll_interval,
            patience=options.patience,
            new_key=_new_key if _takes_any_key(options) else None,
            progress=progress.step,
        )


def _target(options: VerifyOptions, budget: Budget) -> ServerUnderTest:
    url, prefix = split_base(options.url, options.contract)
    other_key = options.other_key
    if not other_key and _takes_any_key(options):
        other_key = _new_key()
    return ServerUnderTest(
        contract=options.contract,
        url=url,
        key=options.key or _new_key(),
        budget=budget,
        prefix=prefix,
        other_key=other_key or None,
        key_variables=options.key_variables,
        control=options.control,
    )


def _takes_any_key(options: VerifyOptions) -> bool:
    """Whether keys may be generated: an endpoint on this machine, for which no key was given."""
    return options.near and options.key is None


def _plan_stage(stage: Stage, context: Context) -> StagePlan:
    try:
        return StagePlan(stage, tuple(stage.plan(context)))
    except StageSkipped as reason:
        return StagePlan(stage, (), str(reason))


def _new_key() -> str:
    return f"verify-{secrets.token_hex(8)}"
