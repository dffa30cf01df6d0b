"""A run of cases: servers by pace, cases in threads, verdicts in the order of the cases."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx

from mockserver import __version__
from mockserver.contract.model import Contract
from mockserver.control_client import ControlError
from mockserver.errors import MockserverError
from mockserver.kit import contracts
from mockserver.kit.conform.case import Case, load_cases
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.results.result import CaseBreach, Matrix, Result, Shade, count
from mockserver.kit.conform.results.timeline import shown, timeline
from mockserver.kit.conform.results.verdict import judge_case, settle, shade
from mockserver.kit.conform.running.case_run import CaseContext, RunStopped
from mockserver.kit.conform.running.client import ClientUnderTest
from mockserver.kit.conform.running.environment import CaseEnvironment
from mockserver.kit.conform.running.evolution import smallest, variants
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation
from mockserver.kit.server import Server, started

NOT_FOUND: Final = (126, 127)
"""What a shell ends with where there is no such program."""
OTHER_KEY: Final = (
    "the client asked with another key than MOCKSERVER_KEY: send that one as it is, in Authorization: "
    "Bearer KEY, and no token made of it"
)
NOTHING_TO_VARY: Final = "the contract leaves nothing of that kind open in the answers that the client got"
TRIES: Final = 40
"""Runs of a client at most to find the fewest changes that break it."""
_TICK: Final = 0.2


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run goes: `jobs` cases at a time, the seed, the interval between polls in seconds, what the
    client can do besides the ordinary (`supports`), and how the command line began, to reproduce a case.
    """

    profile: str = "documented"
    jobs: int = 2
    seed: int = 0
    interval: float = 0.05
    supports: tuple[str, ...] = ()
    begins: str = "mockserver conform"


Watch = Callable[[Result, int, int], None]
"""Is told of each result as it comes, which one it is, and of how many."""


def run(
    client: ClientUnderTest,
    provider: str,
    options: RunOptions | None = None,
    cases: Sequence[Case] | None = None,
    watch: Watch | None = None,
    command: Sequence[str] = (),
    fleet: ServerPool | None = None,
) -> Matrix:
    """Run the client through the cases. However it ends, no process that it started is left.

    A `fleet` of that provider and these options is used and left running, where one is given. Raises
    SettingsError for an unknown provider, KitError where no server starts.
    """
    chosen = options or RunOptions()
    contract = contracts.load(provider, profile=chosen.profile)
    wanted = [case.on(provider) for case in (load_cases() if cases is None else cases)]
    began, moment = time.time(), time.monotonic()
    with nullcontext(fleet) if fleet else ServerPool(chosen, contract) as servers:
        conductor = _Conductor(client, contract, chosen, servers, tuple(command))
        results = tuple(conductor.play(wanted, watch))
    return Matrix(
        client=client.label,
        command=tuple(command),
        provider=provider,
        profile=chosen.profile,
        seed=chosen.seed,
        interval=chosen.interval,
        started=began,
        took=time.monotonic() - moment,
        version=__version__,
        results=results,
        supports=chosen.supports,
        counts=count(results),
    )


class ServerPool:
    """Servers by the pace of their jobs, started when first needed: a pace is a server's, and chosen before
    the client can be faster.
    """

    def __init__(self, options: RunOptions, contract: Contract) -> None:
        self._options = options
        self._contract = contract
        self._stack = ExitStack()
        self._servers: dict[str, Server] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> ServerPool:
        """The fleet, without a server."""
        return self

    def __exit__(self, *error: object) -> None:
        """End them all."""
        self._stack.close()

    def server(self, pace: str) -> Server:
        """The server of that pace. Raises KitError where it does not start."""
        with self._lock:
            if pace not in self._servers:
                server = started(
                    self._contract.provider,
                    pace=pace,
                    profile=self._options.profile,
                    seed=self._options.seed,
                    options=["--small-clips"],
                )
                self._servers[pace] = self._stack.enter_context(server)
            return self._servers[pace]


class _Conductor:
    def __init__(
        self,
        client: ClientUnderTest,
        contract: Contract,
        options: RunOptions,
        fleet: ServerPool,
        command: tuple[str, ...],
    ) -> None:
        self._client = client
        self._contract = contract
        self._options = options
        self._fleet = fleet
        self._command = command
        self._stop = threading.Event()

    def play(self, cases: Sequence[Case], watch: Watch | None) -> list[Result]:
        """A result for each case, in their order."""
        results: list[Result] = []
        with self._threads() as threads:
            pending = [threads.submit(self._result, case) for case in cases]
            for one in _as_they_come(pending):
                results = settle([*results, one])
                if watch is not None:
                    watch(results[-1], len(results), len(cases))
        return results

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
        reason = self._not_applicable(case)
        if reason:
            return self._made(case, "not applicable", reason=reason)
        try:
            result = self._played(case)
        except (MockserverError, ControlError, httpx.HTTPError, OSError) as error:
            result = self._made(case, "could not run", reason=f"{error}")
        return replace(result, seconds=time.monotonic() - began)

    def _not_applicable(self, case: Case) -> str:
        if self._contract.provider in case.not_for:
            return case.not_for[self._contract.provider]
        missing = [need for need in case.needs if need not in self._options.supports]
        if missing:
            return f"for clients that support {', '.join(missing)}: --supports {','.join(missing)}"
        alone = case.client.kill_after is not None or case.client.workers > 1
        return "for clients that are a process" if alone and not self._client.killable else ""

    def _played(self, case: Case) -> Result:
        server = self._fleet.server(case.setup.pace)
        setting = CaseContext(server, self._contract, self._client, self._stop)
        stage = CaseEnvironment(setting, self._options.seed, self._options.interval)
        if case.setup.vary is not None:
            return self._evolved(case, stage)
        seen = stage.play(case)
        reason = _could_not_start(seen)
        if reason:
            return self._made(case, "could not run", reason=reason)
        return self._judged(case, seen, judge_case(case, seen))

    def _evolved(self, case: Case, stage: CaseEnvironment) -> Result:
        """In plain weather first; then under each set of changes; the first that breaks it is reduced."""
        assert case.setup.vary is not None
        plain = stage.play(case, take="plain")
        reason = _could_not_start(plain)
        if reason:
            return self._made(case, "could not run", reason=reason)
        breaches = judge_case(case, plain)
        ever = {one.judge for one in breaches}
        sets = [] if case.outcome in ever else variants(case.setup.vary, plain, self._options.seed)
        if not sets and not breaches:
            return self._made(case, "not applicable", reason=NOTHING_TO_VARY)
        takes = iter(range(TRIES))

        def breaks(changes: Sequence[AnswerMutation]) -> bool:
            take = next(takes, None)
            if take is None:
                return False
            return any(
                one.judge not in ever for one in judge_case(case, stage.play(case, changes, str(take)))
            )

        broken = next((one for one in sets if breaks(one)), None)
        if broken is None:
            return self._judged(case, plain, breaches)
        fewest = smallest(broken, breaks)
        seen = stage.play(case, fewest, "smallest")
        told = tuple(one.sentence for one in fewest)
        return self._judged(case, seen, judge_case(case, seen), told)

    def _judged(
        self, case: Case, seen: Evidence, breaches: Sequence[CaseBreach], changes: tuple[str, ...] = ()
    ) -> Result:
        return self._made(
            case,
            shade(breaches),
            breaches=tuple(breaches),
            steps=timeline(seen),
            runs=tuple(map(shown, seen.runs)),
            changes=changes,
            jobs=len(seen.jobs),
            virtual=seen.virtual,
        )

    def _made(self, case: Case, verdict: Shade, **more: Any) -> Result:
        return Result(
            case=case.id,
            family=case.family,
            title=case.title,
            level=case.level,
            requirement=case.requirement,
            why=case.why,
            harm=case.harm,
            source=case.source,
            advice=case.advice,
            provider=self._contract.provider,
            shade=verdict,
            outcome=case.outcome,
            reproduce=self._again(case),
            budget=case.budget,
            **more,
        )

    def _again(self, case: Case) -> str:
        """The command that runs this case alone; empty for a function."""
        if not self._command:
            return ""
        one = [*shlex.split(self._options.begins), "--case", case.id, "--trace", "--", *self._command]
        return shlex.join(one)


def _as_they_come(pending: Sequence[Future[Result]]) -> Iterator[Result]:
    """In the order of the cases, not of their ends: what is shown is the same in every run."""
    for one in pending:
        # A wait without end could not be interrupted everywhere.
        while not wait([one], timeout=_TICK).done:
            pass
        try:
            yield one.result()
        except RunStopped:
            raise KeyboardInterrupt from None


def _could_not_start(seen: Evidence) -> str:
    """Why there is nothing to judge, where there is not."""
    if seen.other_key:
        return OTHER_KEY
    first = seen.runs[0]
    if seen.calls or first.exit_code not in NOT_FOUND:
        return ""
    said = first.stderr.strip().splitlines()
    return f"exit code {first.exit_code}: {said[-1] if said else 'the program was not found'}"
