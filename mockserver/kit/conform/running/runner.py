"""A run of cases: servers by pace, cases in threads, verdicts in the order of the cases."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Final

import httpx

from mockserver import __version__
from mockserver.contract.model import Contract
from mockserver.control_client import ControlError
from mockserver.errors import KitError, MockserverError
from mockserver.kit import contracts
from mockserver.kit.conform.case import PLAIN, Case, load_cases
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.results.result import (
    INTERRUPTED,
    CaseBreach,
    CaseSummary,
    Matrix,
    Result,
    Verdict,
    count,
)
from mockserver.kit.conform.results.timeline import summarize, timeline
from mockserver.kit.conform.results.verdict import discount_baseline, judge_case, why_not_judged, with_verdict
from mockserver.kit.conform.running.applicability import check_key_pair, why_not_for, why_not_met
from mockserver.kit.conform.running.baseline import Baseline
from mockserver.kit.conform.running.case_run import CaseContext, RunStopped
from mockserver.kit.conform.running.client import ClientUnderTest
from mockserver.kit.conform.running.environment import CaseEnvironment
from mockserver.kit.conform.running.evolution import variants
from mockserver.kit.conform.running.evolution_search import EvolutionSearch
from mockserver.kit.conform.running.models import ModelChoice, granted
from mockserver.kit.conform.running.run_options import TIME_LIMIT, RunOptions
from mockserver.kit.conform.running.server_pool import ServerPool
from mockserver.kit.conform.running.situations import case_for
from mockserver.kit.traffic.time_limit import TimeLimit

NO_BASELINE: Final = "the client does not get as far where no answer is changed; see request-plain"
NOTHING_TO_VARY: Final = "the contract leaves nothing of that kind open in the answers that the client got"
_TICK: Final = 0.2
_LONGEST: Final = 500
"""Characters of the reason why a case could not be judged."""


ProgressCallback = Callable[[Result, int, int], None]
"""Gets each result in turn, its number, and the number of all cases."""


class RunInterrupted(KeyboardInterrupt):
    """A run was interrupted. `matrix` has what was judged until then; every other case could not run."""

    def __init__(self, matrix: Matrix) -> None:
        super().__init__(INTERRUPTED)
        self.matrix = matrix


def run(
    client: ClientUnderTest,
    provider: str,
    options: RunOptions | None = None,
    cases: Sequence[Case] | None = None,
    watch: ProgressCallback | None = None,
    command: Sequence[str] = (),
    pool: ServerPool | None = None,
) -> Matrix:
    """Run the client through the cases. However it ends, no process that it started is left.

    A given `pool` must be of that provider; it is used and left running. Raises SettingsError for an unknown
    provider or model, or where it takes no signed tokens with `key_pair`; KitError if no server starts;
    RunInterrupted on Ctrl-C.
    """
    options = options or RunOptions()
    contract = contracts.load(provider, profile=options.profile)
    if options.key_pair:
        check_key_pair(contract)
    cases = [case_for(case, contract) for case in (load_cases() if cases is None else cases)]
    servers = pool or ServerPool(contract, options.seed)
    runner = _Runner(client, contract, options, servers, tuple(command))
    try:
        with nullcontext() if pool else servers:
            runner.run(cases, watch)
    except KeyboardInterrupt:
        raise RunInterrupted(runner.matrix(cases, interrupted=True)) from None
    return runner.matrix(cases)


def not_begun(
    client: ClientUnderTest, provider: str, options: RunOptions, cases: Sequence[Case], command: Sequence[str]
) -> Matrix:
    """The matrix of a provider that was to follow when the run was interrupted. Raises what `run` does."""
    contract = contracts.load(provider, profile=options.profile)
    runner = _Runner(client, contract, options, ServerPool(contract, options.seed), tuple(command))
    return runner.matrix([case_for(case, contract) for case in cases], interrupted=True)


class _Runner:
    def __init__(
        self,
        client: ClientUnderTest,
        contract: Contract,
        options: RunOptions,
        pool: ServerPool,
        command: tuple[str, ...],
    ) -> None:
        self._client = client
        self._contract = contract
        self._options = options
        self._pool = pool
        self._command = command
        self._began, self._moment = time.time(), time.monotonic()
        self._pending: dict[str, Future[Result]] = {}
        self._stop = threading.Event()
        self._limit = options.limit or TimeLimit(TIME_LIMIT)
        supports = granted(options.supports, returns_link=options.returns_link)
        self._choice = ModelChoice(contract, supports, options.model)
        self._baseline = Baseline(self._plain_evidence)

    def run(self, cases: Sequence[Case], watch: ProgressCallback | None) -> None:
        """Judge each case, in their order. The baseline case runs before all others."""
        results: list[Result] = []
        pending = self._pending
        with self._threads() as threads:
            for case in sorted(cases, key=lambda case: case.id != PLAIN):
                pending[case.id] = threads.submit(self._result, case)
                if case.id == PLAIN:
                    _wait(pending[PLAIN])
            for result in _results([pending[case.id] for case in cases]):
                results = discount_baseline([*results, result])
                if watch is not None:
                    watch(results[-1], len(results), len(cases))

    def matrix(self, cases: Sequence[Case], *, interrupted: bool = False) -> Matrix:
        """What the run came to. A case that was not judged could not run."""
        results = tuple(discount_baseline([self._result_of(case) for case in cases]))
        return Matrix(
            client=self._client.label,
            command=self._command,
            provider=self._contract.provider,
            profile=self._options.profile,
            seed=self._options.seed,
            interval=self._options.interval,
            started=self._began,
            took=time.monotonic() - self._moment,
            version=__version__,
            results=results,
            supports=self._options.supports,
            name=self._options.name,
            counts=count(results),
            interrupted=interrupted,
        )

    def _result_of(self, case: Case) -> Result:
        future = self._pending.get(case.id)
        if future is None or not future.done() or future.cancelled() or future.exception():
            return self._without_evidence(case, "could not run", INTERRUPTED)
        return future.result()

    @contextmanager
    def _threads(self) -> Iterator[ThreadPoolExecutor]:
        """Threads that stop when this one is interrupted."""
        threads = ThreadPoolExecutor(self._options.jobs)
        try:
            yield threads
        except BaseException:
            self._stop.set()
            raise
        finally:
            threads.shutdown(wait=True, cancel_futures=True)

    def _result(self, case: Case) -> Result:
        began = time.monotonic()
        reason = why_not_for(case, self._contract, self._client, self._choice)
        if reason:
            return self._without_evidence(case, "not applicable", reason)
        try:
            result = self._run_case(case)
        except RunStopped:
            raise
        except (MockserverError, ControlError, httpx.HTTPError, OSError) as error:
            result = self._without_evidence(case, "could not run", str(error))
        except Exception as error:  # what a client can make of a case must not end the run
            reason = f"could not be judged: {type(error).__name__}: {error}"[:_LONGEST]
            result = self._without_evidence(case, "could not run", reason)
        if self._stop.is_set():  # the server or the client may have been stopped before the case ended
            raise RunStopped
        return replace(result, seconds=time.monotonic() - began)

    def _run_case(self, case: Case) -> Result:
        if self._baseline.silence and case.id != PLAIN:
            return self._without_evidence(case, "could not run", self._baseline.silence)
        environment = self._environment(case)
        evidence = environment.run(case, attempt="" if case.setup.vary is None else "plain")
        reason = self._baseline.why_silent(case, evidence)
        if reason:
            result = self._without_evidence(case, "could not run", reason)
            return replace(result, runs=tuple(map(summarize, evidence.runs)))
        breaches = judge_case(case, evidence)
        if case.setup.vary is None:
            return self._judged(case, evidence, breaches)
        return self._evolved(case, environment, evidence, breaches)

    def _environment(self, case: Case) -> CaseEnvironment:
        """What runs the case. Raises KitError when the time of the whole run is over."""
        if self._limit.is_over:
            raise KitError(self._limit.reason)
        options = self._options
        server = self._pool.server(case.setup.pace)
        context = CaseContext(
            server, self._contract, self._client, self._stop, self._limit, options.returns_link
        )
        return CaseEnvironment(context, self._choice, options.seed, options.interval, options.key_pair)

    def _plain_evidence(self) -> Evidence:
        """The evidence of the baseline case, for a run that leaves it out."""
        plain = next(case for case in load_cases() if case.id == PLAIN)
        return self._environment(plain).run(plain)

    def _evolved(
        self, case: Case, environment: CaseEnvironment, baseline: Evidence, breaches: Sequence[CaseBreach]
    ) -> Result:
        """The result under the fewest changes of answers that break the client, if any do."""
        assert case.setup.vary is not None
        broken = {breach.judge for breach in breaches}
        if case.outcome in broken:
            return self._without_evidence(case, "could not run", NO_BASELINE)
        sets = variants(case.setup.vary, baseline, self._options.seed)
        if not sets and not breaches:
            return self._without_evidence(case, "not applicable", NOTHING_TO_VARY)
        changes = EvolutionSearch(case, environment, broken).fewest(sets)
        if changes is None:
            return self._judged(case, baseline, breaches)
        evidence = environment.run(case, changes, "smallest")
        result = self._judged(case, evidence, judge_case(case, evidence))
        return replace(result, changes=tuple(change.sentence for change in changes))

    def _judged(self, case: Case, evidence: Evidence, breaches: Sequence[CaseBreach]) -> Result:
        result = with_verdict(
            Result(
                case=CaseSummary.of(case),
                provider=self._contract.provider,
                verdict="pass",
                breaches=tuple(breaches),
                steps=timeline(evidence),
                runs=tuple(map(summarize, evidence.runs)),
                reproduce=self._reproduce(case),
                jobs=len(evidence.jobs),
                virtual=evidence.virtual,
            )
        )
        reason = why_not_met(case, evidence) or why_not_judged(case, evidence)
        if reason and result.verdict in ("pass", "remark"):
            return replace(result, verdict="could not run", reason=reason, breaches=())
        return result

    def _without_evidence(self, case: Case, verdict: Verdict, reason: str) -> Result:
        return Result(
            case=CaseSummary.of(case),
            provider=self._contract.provider,
            verdict=verdict,
            reason=reason,
            reproduce=self._reproduce(case),
        )

    def _reproduce(self, case: Case) -> str:
        """The command line that runs this case alone; empty for a function."""
        if not self._command:
            return ""
        words = [*shlex.split(self._options.begins), "--case", case.id, "--trace", "--", *self._command]
        return shlex.join(words)


def _results(pending: Sequence[Future[Result]]) -> Iterator[Result]:
    """The results in the order of the cases, not in that of their ends, so that every run shows the same."""
    for future in pending:
        _wait(future)
        try:
            yield future.result()
        except RunStopped:
            raise KeyboardInterrupt from None


def _wait(future: Future[Result]) -> None:
    # A wait without a timeout could not be interrupted on every system.
    while not wait([future], timeout=_TICK).done:
        pass
