"""One run of one case: set up the conditions, let the client work, collect the evidence."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.errors import KitError
from mockserver.kit.conform.case import Case, Count
from mockserver.kit.conform.evidence import ClientRun, Evidence, read_exchanges
from mockserver.kit.conform.running.another_job import answer_about_another
from mockserver.kit.conform.running.client import ClientUnderTest, RunningClient
from mockserver.kit.conform.running.conditions import Conditions
from mockserver.kit.conform.running.files import MAX_PICTURE, ClientFiles, fetch_media, read_file
from mockserver.kit.conform.running.journal_tail import JournalTail
from mockserver.kit.conform.running.virtual_clock import VirtualClock
from mockserver.kit.conform.task import Task
from mockserver.kit.server import Server
from mockserver.kit.traffic.time_limit import TimeLimit

_TICK: Final = 0.05
_JOBS: Final = 10_000


class RunStopped(Exception):
    """The whole run has to end."""


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What runs of cases share: a server, a contract, a client, the time that all of them may take.

    `stop` is set to end the whole run. With `returns_link` the client prints the clip's link.
    """

    server: Server
    contract: Contract
    client: ClientUnderTest
    stop: threading.Event
    limit: TimeLimit = field(default_factory=TimeLimit)
    returns_link: bool = False


class CaseRun:
    """One run of one case. It leaves nothing on the server."""

    def __init__(self, context: CaseContext, case: Case, task: Task, control: ControlClient) -> None:
        self._context = context
        self._case = case
        self._task = task
        self._control = control
        self._virtual = case.setup.pace == "time"
        self._conditions = Conditions(
            case,
            control,
            task.key,
            partial(answer_about_another, context.server, context.contract, task.model),
        )
        self._files = ClientFiles(task, case.client.workers)
        self._tail = JournalTail(control, task)
        self._end = 0.0

    def run(self) -> Evidence:
        """Run the client under the case's conditions.

        Raises RunStopped if the whole run has to end, KitError when the time of the whole run is over.
        """
        try:
            self._check_time()
            began = self._conditions.set_up()
            runs = self._work()
            return self._evidence(runs, began)
        finally:
            self._conditions.clean_up()

    def _work(self) -> list[ClientRun]:
        kill_after, hold = self._case.client.kill_after, self._case.setup.hold
        clock = VirtualClock(self._control, moves=self._virtual, since=self._tail.first)
        runs: list[ClientRun] = []
        self._begin_budget()
        if kill_after is not None:
            clock.held = True
            runs.append(self._run_until_kill(kill_after, clock))
            clock.reset_counts()
        clock.held = hold is not None
        with _started(self._context.client, self._files.tasks) as clients:
            self._watch(clients, clock)
            runs += [client.stop("over budget") for client in clients]
        self._files.read_job_file()
        return runs

    def _run_until_kill(self, kill_after: Count, clock: VirtualClock) -> ClientRun:
        """A run that is killed after so many exchanges, unless it ends by itself before."""
        with _started(self._context.client, [self._task]) as (client,):
            while clock.count(kill_after.role) < kill_after.count and not client.wait(0):
                self._tick()
                if self._is_over_budget():
                    break
                clock.watch(_TICK)
            run = client.stop("killed", last=False)
        self._files.read_job_file()
        return run

    def _watch(self, clients: Sequence[RunningClient], clock: VirtualClock) -> None:
        """Wait until all have ended, or the budget is used up."""
        hold = self._case.setup.hold
        while not all(client.wait(0) for client in clients) and not self._is_over_budget():
            self._tick()
            if not self._virtual:
                _wait_for_any(clients)
                continue
            if hold is None or clock.count(hold.role) >= hold.count:
                clock.held = False
            clock.watch(_TICK)

    def _tick(self) -> None:
        if self._context.stop.is_set():
            raise RunStopped
        self._check_time()
        if self._tail.is_due:
            self._collect()

    def _check_time(self) -> None:
        if self._context.limit.is_over:
            raise KitError(self._context.limit.reason)

    def _is_over_budget(self) -> bool:
        if self._tail.is_full:
            return True
        if time.monotonic() >= self._end and self._tail.is_empty:
            self._collect()
        return time.monotonic() >= self._end

    def _begin_budget(self) -> None:
        self._end = time.monotonic() + self._case.budget

    def _collect(self) -> None:
        was_empty = self._tail.is_empty
        self._tail.collect()
        if was_empty and not self._tail.is_empty:
            # Some clients need seconds to load: the budget begins with their first request.
            self._begin_budget()

    def _evidence(self, runs: Sequence[ClientRun], began: float) -> Evidence:
        callbacks = self._control.callbacks(settle=self._virtual)
        entries = self._tail.entries()
        jobs = self._control.jobs(limit=_JOBS)
        # The true files are to be fetched without the case's faults.
        self._conditions.drop_rules()
        server = self._context.server.url
        clips = fetch_media(server, jobs, "video.mp4") if self._files.has_output() else {}
        stills = fetch_media(server, jobs, "thumbnail.jpg") if self._task.thumbnail else {}
        picture = read_file(self._task.image, MAX_PICTURE) if self._task.image else None
        return Evidence(
            task=self._task,
            contract=self._context.contract,
            exchanges=read_exchanges(self._context.contract, entries),
            runs=tuple(runs),
            began=began,
            other_key=not entries and self._tail.has_other_key(),
            returns_link=self._context.returns_link,
            virtual=self._virtual,
            jobs=tuple(jobs),
            callbacks=tuple(callbacks),
            outputs=self._files.outputs(clips),
            thumbnail=self._files.thumbnail(stills),
            clips=clips,
            stills=stills,
            job_files=tuple(self._files.job_files),
            leftovers=self._files.leftovers(),
            picture=picture if isinstance(picture, bytes) else b"",
        )


@contextmanager
def _started(client: ClientUnderTest, tasks: Sequence[Task]) -> Iterator[list[RunningClient]]:
    """The client, started once for each task; whatever happens, none of them is left running."""
    running: list[RunningClient] = []
    try:
        # Not a comprehension: if one cannot be started, those before it have to be stopped.
        for task in tasks:
            running.append(client.start(task))  # noqa: PERF401
        yield running
    finally:
        for started in running:
            started.stop("killed")


def _wait_for_any(clients: Sequence[RunningClient]) -> None:
    """Wait a tick for the first client that still runs."""
    for client in clients:
        if not client.wait(0):
            client.wait(_TICK)
            return
